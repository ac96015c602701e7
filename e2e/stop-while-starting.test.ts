import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { until } from '../server/test/_support/people.ts';
import {
  freshDataFolder,
  postmasterPid,
  removeDataFolder,
  repository,
} from './_support/server-process.ts';

// An operator changes their mind while the server is still starting.

const dataDir = freshDataFolder();
afterAll(() => removeDataFolder(dataDir));

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s while the server starts its database ends both, with 0 and without a word of complaint',
  async (signal) => {
    const child = spawn(process.execPath, [join(repository, 'server', 'start.js')], {
      cwd: repository,
      env: {
        PATH: process.env['PATH'],
        HOME: '/',
        PORT: '0',
        DATA_DIR: dataDir,
        LOG_LEVEL: 'warn',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text));
    const ended = once(child, 'exit');
    await until(() => existsSync(join(dataDir, 'aside.lock')), 20_000);
    child.kill(signal);
    expect(await ended).toEqual([0, null]);
    expect(said.stdout).not.toContain('ready');
    expect(said.stderr).toBe('');
    expect(postmasterPid(dataDir)).toBeNull();
    expect(existsSync(join(dataDir, 'aside.lock'))).toBe(false);
  },
);
