import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartupProblem } from '../../base/startup-problem.ts';

const minChars = 32;

/**
 * The secret that signs session cookies and encrypts TOTP secrets: `given` (ASIDE_AUTH_SECRET; needed when several
 * nodes serve one community), else the file `<dataDir>/auth-secret`, made at the first start with mode 600. Two
 * processes that start at once end with the same secret. Losing it signs browsers out and voids TOTP set-ups.
 */
export async function readAuthSecret(dataDir: string, given: string | null): Promise<string> {
  const path = join(dataDir, 'auth-secret');
  if (given === null) await makeOnce(dataDir, path);
  const secret = (given ?? (await readFile(path, 'utf8'))).trim();
  if (secret.length < minChars) {
    const where = given === null ? path : 'ASIDE_AUTH_SECRET';
    throw new StartupProblem(`${where} must hold at least ${minChars} characters.`);
  }
  return secret;
}

async function makeOnce(dataDir: string, path: string): Promise<void> {
  await mkdir(dataDir, { recursive: true });
  if (await readFile(path).then(() => true, isMissing)) return;
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, `${randomBytes(32).toString('base64url')}\n`, {
    mode: 0o600,
    flush: true,
  });
  // A link appears whole or not at all and never replaces: the loser of a race reads the winner's secret.
  await link(draft, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(draft);
}

function isMissing(error: NodeJS.ErrnoException): false {
  if (error.code === 'ENOENT') return false;
  throw error;
}
