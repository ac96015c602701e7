import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readAuthSecret } from './secret.ts';

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'aside-secret-'));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

test('the secret is made once, for the owner only, also when several start at once', async () => {
  const dataDir = join(await folder(), 'data');
  const secrets = await Promise.all([1, 2, 3, 4].map(() => readAuthSecret(dataDir, null)));
  expect(new Set(secrets).size).toBe(1);
  expect(secrets[0]!.length).toBeGreaterThanOrEqual(43);
  expect(await readAuthSecret(dataDir, null)).toBe(secrets[0]);
  expect((await stat(join(dataDir, 'auth-secret'))).mode & 0o777).toBe(0o600);
  expect(await readdir(dataDir)).toEqual(['auth-secret']);
});

test('a given secret is used and leaves no file; one that is too short is refused', async () => {
  const dataDir = await folder();
  const given = 'g'.repeat(32);
  expect(await readAuthSecret(dataDir, given)).toBe(given);
  expect(await readdir(dataDir)).toEqual([]);
  await expect(readAuthSecret(dataDir, 'short')).rejects.toThrow('ASIDE_AUTH_SECRET');
  await writeFile(join(dataDir, 'auth-secret'), '');
  await expect(readAuthSecret(dataDir, null)).rejects.toThrow('auth-secret');
});
