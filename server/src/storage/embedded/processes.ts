// What the operating system says about a process: whether it lives, since when, and whether it is a
// PostgreSQL on our data. A number alone proves nothing: pids are recycled, and a zombie still has one.

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * A text that is the same as long as it is the same process, or undefined when none lives under this
 * number. A zombie counts as dead: it holds nothing but its number.
 */
export function processIdentity(pid: number): string | undefined {
  if (process.platform === 'linux') {
    // Fields after the command's closing parenthesis: 3 is the state, 22 the start in ticks since boot.
    const fields = readText(`/proc/${pid}/stat`)
      ?.replace(/^.*\) /s, '')
      .split(' ');
    if (!fields || fields[0] === 'Z' || fields[0] === 'X') return undefined;
    return `${readText('/proc/sys/kernel/random/boot_id')?.trim()} ${fields[19]}`;
  }
  if (process.platform === 'win32') return isSignalable(pid) ? 'alive' : undefined;
  const line = askPs(pid, 'stat=,lstart=');
  return !line || line.startsWith('Z') ? undefined : line.replace(/^\S+\s+/, '');
}

/** Whether `pid` is a live PostgreSQL process whose data folder is `dataDir`. */
export function isPostgresOn(pid: number, dataDir: string): boolean {
  if (processIdentity(pid) === undefined) return false;
  if (process.platform === 'linux') {
    // Every PostgreSQL process stands in its data folder, and only its title changes, not its name.
    return readText(`/proc/${pid}/comm`)?.trim() === 'postgres' && standsIn(pid, dataDir);
  }
  if (process.platform === 'win32') return true;
  return askPs(pid, 'command=')?.includes(dataDir) ?? false;
}

/** Live PostgreSQL processes on `dataDir`, found without a lock file. Linux only; elsewhere empty. */
export function postgresProcessesOn(dataDir: string): number[] {
  if (process.platform !== 'linux') return [];
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
  return pids.filter((pid) => isPostgresOn(pid, dataDir));
}

/** Waits until none of the processes lives; false when some still do after `withinMs`. */
export async function haveEnded(pids: number[], withinMs: number): Promise<boolean> {
  const identities = pids.map((pid) => [pid, processIdentity(pid)] as const);
  const deadline = performance.now() + withinMs;
  for (;;) {
    const areGone = identities.every(
      ([pid, was]) => was === undefined || processIdentity(pid) !== was,
    );
    if (areGone) return true;
    if (performance.now() > deadline) return false;
    await sleep(10);
  }
}

function standsIn(pid: number, dataDir: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(dataDir);
  } catch (error) {
    // Another user's PostgreSQL: when in doubt it is on our data, and stopping it is refused anyway.
    return (error as NodeJS.ErrnoException).code === 'EACCES' && isNamedIn(pid, dataDir);
  }
}

function isNamedIn(pid: number, dataDir: string): boolean {
  return readText(`/proc/${pid}/cmdline`)?.split('\0').includes(dataDir) ?? false;
}

function askPs(pid: number, columns: string): string | undefined {
  const { stdout, status } = spawnSync('ps', ['-ww', '-o', columns, '-p', String(pid)], {
    encoding: 'utf8',
  });
  return status === 0 ? stdout.trim() : undefined;
}

function isSignalable(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
