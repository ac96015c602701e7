// The server as an operator runs it: a process of its own on a data folder, with its own PostgreSQL.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../server/test/_support/people.ts';
import { fastTemporaryFolder } from '../../server/test/_support/test-server.ts';

export const repository = join(import.meta.dirname, '..', '..');
export const operatorKey = 'operator-key-of-this-test';
const readyMs = 40_000;

export interface ServerProcess {
  url: string;
  pid: number;
  said: Said;
  /** `kill -9`; resolves when the process is gone. */
  kill(): Promise<void>;
  /** SIGTERM, or another; resolves with the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

export interface Said {
  stdout: string;
  stderr: string;
}

interface HowToStart {
  dataDir: string;
  port?: number;
  env?: Record<string, string>;
  args?: string[];
  /** Instead of `node server/start.js`. */
  command?: [string, ...string[]];
}

/** A folder that the database's user may enter, in memory where there is memory. */
export function freshDataFolder(): string {
  const folder = mkdtempSync(join(fastTemporaryFolder(), 'aside-e2e-'));
  chmodSync(folder, 0o755);
  return folder;
}

/** Starts it and waits for its ready line; throws with what it said if it ends before. */
export async function startServer(how: HowToStart): Promise<ServerProcess> {
  const { child, said } = launch(how);
  const url = await until(() => {
    if (child.exitCode !== null) throw new Error(`the server did not start: ${said.stderr}`);
    return /^Aside is ready at (\S+)$/m.exec(said.stdout)?.[1];
  }, readyMs);
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit');
      child.kill(signal);
      await gone;
    }
    return child.exitCode;
  };
  return {
    url,
    pid: child.pid as number,
    said,
    kill: async () => void (await end('SIGKILL')),
    stop: (signal = 'SIGTERM') => end(signal),
  };
}

/** Runs a start that is expected to be refused, to its end. */
export async function refusedStart(how: HowToStart): Promise<Said & { code: number | null }> {
  const { child, said } = launch(how);
  await once(child, 'close');
  return { ...said, code: child.exitCode };
}

/** The process id of the PostgreSQL on this data folder, or null where none runs. */
export function postmasterPid(dataDir: string): number | null {
  try {
    const pid = Number(
      readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0],
    );
    process.kill(pid, 0);
    return pid;
  } catch {
    return null;
  }
}

/** Stops the PostgreSQL that a killed server left, and removes the folder. */
export async function removeDataFolder(dataDir: string): Promise<void> {
  const pid = postmasterPid(dataDir);
  if (pid !== null) {
    process.kill(pid, 'SIGQUIT');
    await until(() => postmasterPid(dataDir) === null, 20_000);
  }
  rmSync(dataDir, { recursive: true, force: true });
}

function launch({ dataDir, port = 0, env = {}, args = [], command }: HowToStart): {
  child: ChildProcess;
  said: Said;
} {
  const [program, ...words] = command ?? [process.execPath, join(repository, 'server', 'start.js')];
  const child = spawn(program, [...words, ...args], {
    cwd: repository,
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: process.env['HOME'] ?? '/',
      PORT: String(port),
      DATA_DIR: dataDir,
      LOG_LEVEL: 'warn',
      SIGN_IN_RATE: '1000',
      ASIDE_OPERATOR_KEY: operatorKey,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: Said = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text));
  return { child, said };
}
