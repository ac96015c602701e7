// One server per data folder. The lock is a file with the holder's pid and start, so that one left
// behind by a crash is recognised even when its number was given to another process.

import { randomUUID } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartupProblem } from '../../base/startup-problem.ts';
import { fileProblem } from './file-problems.ts';
import { processIdentity } from './processes.ts';

/**
 * Takes the folder for this process and returns the function that gives it back. Throws
 * `StartupProblem` when a live process holds it. Processes in different pid namespaces (two containers
 * on one volume) do not see each other; keeping them apart is left to who mounts the volume.
 */
export async function lockFolder(folder: string): Promise<() => void> {
  const path = join(folder, 'aside.lock');
  const own = JSON.stringify({
    pid: process.pid,
    started: processIdentity(process.pid),
    key: randomUUID(),
  });
  for (let tries = 0; tries < 5; tries += 1) {
    if (createFile(path, own)) return () => release(path, own);
    const found = await readSettled(path);
    if (found === undefined) continue;
    refuseIfAlive(found, folder);
    if (removeStale(path, found) && createFile(path, own)) {
      // Two servers may take over the same stale lock at once: the one whose file stays is the holder.
      await sleep(50);
      if (read(path) === own) return () => release(path, own);
    }
  }
  throw new StartupProblem(
    `Another Aside is starting on the data folder ${folder} at this moment.`,
  );
}

function refuseIfAlive(content: string, folder: string): void {
  const holder = parse(content);
  if (!holder || processIdentity(holder.pid) !== holder.started) return;
  throw new StartupProblem(
    `Another Aside (process ${holder.pid}) is running on the data folder ${folder}: stop it, or give this one its own DATA_DIR.`,
  );
}

/** Moves the stale file aside; a fresh lock that took its place meanwhile is put back. */
function removeStale(path: string, stale: string): boolean {
  const aside = `${path}.${randomUUID()}`;
  try {
    renameSync(path, aside);
  } catch {
    return false;
  }
  const moved = read(aside);
  if (moved !== stale && moved !== undefined) createFile(path, moved);
  rmSync(aside, { force: true });
  return moved === stale;
}

function createFile(path: string, content: string): boolean {
  try {
    writeFileSync(path, content, { flag: 'wx', mode: 0o644 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw fileProblem(error, dirname(path));
  }
}

/** The content once its writer is done: between creation and write a lock is empty for a moment. */
async function readSettled(path: string): Promise<string | undefined> {
  const content = read(path);
  if (content === undefined || parse(content)) return content;
  await sleep(100);
  return read(path);
}

function release(path: string, own: string): void {
  if (read(path) === own) rmSync(path, { force: true });
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw fileProblem(error, dirname(path));
  }
}

function parse(content: string): { pid: number; started: string } | undefined {
  try {
    const { pid, started } = JSON.parse(content) as Record<string, unknown>;
    return typeof pid === 'number' && typeof started === 'string' ? { pid, started } : undefined;
  } catch {
    return undefined;
  }
}
