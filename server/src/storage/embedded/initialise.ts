// Makes a new PostgreSQL data folder. It is made beside its place and moved there when whole, so
// that a start that was killed half way leaves nothing that looks like a database.

import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { StartupProblem } from '../../base/startup-problem.ts';
import { diskFull, fileProblem } from './file-problems.ts';
import { as } from './ordinary-user.ts';
import type { Place } from './place.ts';
import type { Programs } from './programs.ts';
import { plainEnvironment, superuser } from './settings.ts';

/** Makes sure there is a database of our version with a password we know; returns the password. */
export async function ensureDatabase(
  dataFolder: string,
  place: Place,
  programs: Programs,
): Promise<string> {
  removeUnfinished(place);
  const hasData = holdsDatabase(place, programs);
  const { password, isNew } = readPassword(join(dataFolder, 'postgres-password'));
  if (!hasData) await initialise(place, programs, password);
  else if (isNew) setPassword(place, programs, password);
  return password;
}

function removeUnfinished({ home, data }: Place): void {
  for (const name of readdirSync(home)) {
    if (!name.startsWith(`${basename(data)}-unfinished-`)) continue;
    rmSync(join(home, name), { recursive: true, force: true, maxRetries: 5 });
  }
}

function holdsDatabase({ data }: Place, { major }: Programs): boolean {
  try {
    if (!existsSync(data) || readdirSync(data).length === 0) return false;
    if (!existsSync(join(data, 'PG_VERSION'))) {
      throw new StartupProblem(
        `${data} holds files that are not a PostgreSQL database: move them away.`,
      );
    }
    const found = readFileSync(join(data, 'PG_VERSION'), 'utf8').trim();
    if (found === major) return true;
    throw new StartupProblem(
      `The database in ${data} was made by PostgreSQL ${found}, and this Aside carries PostgreSQL ${major}: export it with version ${found} and import it into a new data folder.`,
    );
  } catch (error) {
    throw error instanceof StartupProblem ? error : fileProblem(error, data);
  }
}

function readPassword(path: string): { password: string; isNew: boolean } {
  try {
    const found = existsSync(path) ? readFileSync(path, 'utf8').trim() : '';
    if (found) return { password: found, isNew: false };
    const password = randomBytes(24).toString('base64url');
    writeFileSync(`${path}.new`, `${password}\n`, { mode: 0o600, flush: true });
    renameSync(`${path}.new`, path);
    return { password, isNew: true };
  } catch (error) {
    throw fileProblem(error, path);
  }
}

async function initialise(place: Place, programs: Programs, password: string): Promise<void> {
  let unfinished: string | undefined;
  try {
    unfinished = mkdtempSync(`${place.data}-unfinished-`);
    const passwordFile = join(unfinished, 'password');
    writeFileSync(passwordFile, password, { mode: 0o600 });
    for (const path of [unfinished, passwordFile]) {
      if (place.user) chownSync(path, place.user.uid, place.user.gid);
    }
    await runInitdb(programs, place, join(unfinished, 'data'), passwordFile);
    renameSync(join(unfinished, 'data'), place.data);
    flushFolder(dirname(place.data));
  } catch (error) {
    throw error instanceof StartupProblem ? error : fileProblem(error, place.data);
  } finally {
    if (unfinished) rmSync(unfinished, { recursive: true, force: true });
  }
}

async function runInitdb(
  { initdb }: Programs,
  place: Place,
  target: string,
  passwordFile: string,
): Promise<void> {
  const options = [
    ['--pgdata', target],
    ['--username', superuser],
    ['--pwfile', passwordFile],
    ['--auth', 'scram-sha-256'],
    ['--encoding', 'UTF8'],
    ['--locale', 'C'],
    // Sorts by code point, the same on every machine, so a new libc cannot corrupt an index.
    ['--locale-provider', 'builtin'],
    ['--builtin-locale', 'C.UTF-8'],
  ].flat();
  const child = spawn(initdb, [...options, '--no-instructions'], {
    ...as(place.user),
    cwd: dirname(target),
    env: plainEnvironment(),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let complaint = '';
  child.stderr
    .setEncoding('utf8')
    .on('data', (text: string) => (complaint = (complaint + text).slice(-4000)));
  const code = await new Promise<number | null>((done, fail) =>
    child.once('error', fail).once('close', done),
  );
  if (code === 0) return;
  if (complaint.includes('No space left on device')) throw diskFull(place.data);
  throw new StartupProblem(
    `PostgreSQL could not make a new database in ${place.data}:\n${complaint.trim()}`,
  );
}

/** The password file was lost (a restored backup, say) but the data are ours: a new password is set. */
function setPassword(place: Place, { postgres }: Programs, password: string): void {
  const { status, stderr } = spawnSync(postgres, ['--single', '-D', place.data, 'postgres'], {
    ...as(place.user),
    cwd: place.home,
    env: plainEnvironment(),
    input: `alter role ${superuser} password '${password}'\n`,
    encoding: 'utf8',
  });
  if (status === 0 && !stderr.includes('ERROR')) return;
  throw new StartupProblem(
    `The password of the database in ${place.data} is lost and could not be set anew:\n${stderr.trim()}`,
  );
}

function flushFolder(path: string): void {
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
