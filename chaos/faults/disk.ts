import { spawnSync } from 'node:child_process';
import { chmodSync, closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Stage } from '../stage.ts';
import { sleep, until } from '../wait.ts';
import { postgresProcessesOn } from '../../server/src/storage/embedded/processes.ts';

// A full disk: PostgreSQL's folder lies on a small file system in memory, and somebody else takes all that is left of
// it. Libfiu cannot be loaded into PostgreSQL: both export a function `hash_create`, libfiu's wrappers end up in
// PostgreSQL's, and the program crashes when it first closes a file.

const sizeMb = 256;
const chunk = Buffer.alloc(1 << 20, 1);

/** Puts a small file system under the server's folder; answers how to remove it, or null where that is not allowed. */
export function mountSmallDisk(folder: string): (() => void) | null {
  const place = join(folder, 'server');
  mkdirSync(place);
  const mounted = spawnSync('mount', [
    '-t',
    'tmpfs',
    '-o',
    `size=${sizeMb}m`,
    'aside-chaos',
    place,
  ]);
  if (mounted.status !== 0) return null;
  chmodSync(place, 0o755);
  return () => void spawnSync('umount', [place]);
}

/** Fills the disk for a while, again and again. Where PostgreSQL gave up, it is started again once there is room. */
export async function fillDisk(stage: Stage, seconds: number): Promise<void> {
  const { folder, tally, draw, postgres } = stage;
  const ballast = join(folder, 'server', 'ballast');
  const end = performance.now() + seconds * 1_000;
  while (performance.now() < end) {
    const before = tally.acks;
    const fullUntil = performance.now() + draw.between(2_000, 5_000);
    // What PostgreSQL gives back, such as old log files, is taken as well.
    while (performance.now() < fullUntil) {
      takeAll(ballast);
      await sleep(50);
    }
    tally.faults += 1;
    tally.note('acks while the disk was full', tally.acks - before);
    rmSync(ballast);
    if (postgresProcessesOn(postgres!.data).length === 0) {
      tally.note('PostgreSQL ended for want of room');
      await postgres!.restart();
    }
    const from = tally.acks;
    await until('acks again with room on the disk', 40_000, () => tally.acks > from + 50);
    await sleep(draw.between(500, 2_000));
  }
}

function takeAll(path: string): void {
  const file = openSync(path, 'a');
  try {
    for (;;) writeSync(file, chunk);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(file);
  }
}
