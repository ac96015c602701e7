// Starts and stops the PostgreSQL process, and clears away one that an earlier, killed server left.

import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { StartupProblem } from '../../base/startup-problem.ts';
import { BoundedLog } from './bounded-log.ts';
import { diskFull } from './file-problems.ts';
import { as } from './ordinary-user.ts';
import type { Place } from './place.ts';
import { haveEnded, isPostgresOn, postgresProcessesOn } from './processes.ts';
import type { Programs } from './programs.ts';
import { plainEnvironment, serverSettings } from './settings.ts';

export interface Postmaster {
  port: number;
  child: ChildProcess;
  lastLines: () => string;
}

/** Silence allowed while starting. Crash recovery reports its progress every 10 s, so it may take long. */
const silenceMaxMs = 60_000;

/**
 * Starts PostgreSQL on `fixedPort`, else on a free port, of 127.0.0.1; resolves when it accepts connections.
 */
export async function startPostmaster(
  place: Place,
  programs: Programs,
  fixedPort?: number,
): Promise<Postmaster> {
  for (let tries = 1; ; tries += 1) {
    const port = fixedPort ?? (await freePort());
    const log = new BoundedLog(join(place.home, 'postgres.log'));
    const child = spawn(
      programs.postgres,
      ['-D', place.data, '-p', String(port), ...serverSettings],
      {
        ...as(place.user),
        cwd: place.home,
        env: plainEnvironment(),
        // Its own process group: Ctrl-C in a terminal must reach us first, who still have work to commit.
        detached: true,
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    if (await isReady(child, log)) return { port, child, lastLines: () => log.lastLines() };
    // The port can be taken between our look and its start; a dying process of before ends in a moment.
    const mayPass = /could not bind|is still in use|could not create any TCP/.test(log.lastLines());
    if (!mayPass || tries === 5) throw didNotStart(place, log.lastLines());
    await haveEnded(postgresProcessesOn(place.data), 1000);
  }
}

/** Fast shutdown (clients are cut off, everything is flushed), then ever harder, each step bounded. */
export async function stopPostmaster({ child }: Postmaster, place: Place): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  await stopProcess(child.pid, place.data);
}

/**
 * Stops a PostgreSQL that a killed server left running (its sessions and locks belong to nobody now),
 * ends orphans of a killed postmaster, which would hold its shared memory, and removes a lock file
 * whose process is dead. The caller holds the data folder's lock, so no live server is using it.
 */
export async function clearLeftBehind(place: Place): Promise<boolean> {
  const lockFile = join(place.data, 'postmaster.pid');
  const recorded = recordedPid(lockFile);
  if (recorded === undefined) return false;
  const isRunning = isPostgresOn(recorded, place.data);
  if (isRunning) await stopProcess(recorded, place.data);
  await endOrphans(place.data);
  rmSync(lockFile, { force: true });
  return isRunning;
}

async function isReady(child: ChildProcess, log: BoundedLog): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  const silence = setTimeout(() => {
    child.kill('SIGKILL');
    resolve(false);
  }, silenceMaxMs);
  child.once('error', reject).once('close', () => resolve(false));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    silence.refresh();
    if (log.add(text).some((line) => line.includes('ready to accept connections'))) resolve(true);
  });
  return promise.finally(() => clearTimeout(silence));
}

async function stopProcess(pid: number, dataDir: string): Promise<void> {
  if (process.platform === 'win32') {
    spawnSync('taskkill', ['/pid', String(pid), '/t', '/f']);
    return;
  }
  const steps = [
    ['SIGINT', 15_000],
    ['SIGQUIT', 6_000],
    ['SIGKILL', 2_000],
  ] as const;
  for (const [signal, withinMs] of steps) {
    send(pid, signal, dataDir);
    if (await haveEnded([pid], withinMs)) return;
  }
}

async function endOrphans(dataDir: string): Promise<void> {
  // They notice that their postmaster is gone by themselves, unless they are stopped or deep in work.
  const orphans = postgresProcessesOn(dataDir);
  if (await haveEnded(orphans, 500)) return;
  for (const pid of orphans) if (isPostgresOn(pid, dataDir)) send(pid, 'SIGKILL', dataDir);
  await haveEnded(orphans, 2_000);
}

function send(pid: number, signal: NodeJS.Signals, dataDir: string): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return;
    throw new StartupProblem(
      `A PostgreSQL (process ${pid}) of another user is running on ${dataDir}: stop it first.`,
      { cause: error },
    );
  }
}

/** PostgreSQL writes a negative pid for its single-user mode. */
function recordedPid(lockFile: string): number | undefined {
  try {
    return Math.abs(Number(readFileSync(lockFile, 'utf8').split('\n', 1)[0]));
  } catch {
    return undefined;
  }
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function didNotStart(place: Place, lastLines: string): StartupProblem {
  if (lastLines.includes('No space left on device')) return diskFull(place.data);
  return new StartupProblem(
    `PostgreSQL did not come up on ${place.data}. Its last words:\n${lastLines}`,
  );
}
