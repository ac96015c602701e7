import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Stage } from '../stage.ts';
import { sleep } from '../wait.ts';

// Steps of the machine's clock, as Aside sees it: libfaketime shifts it by what a file says, also while it runs.

const clockFile = 'clock';

/** What Aside's process needs for its clock to be steerable; null where libfaketime is not installed. */
export function steerableClock(folder: string): Record<string, string> | null {
  const library = findLibrary();
  if (library === null) return null;
  const file = join(folder, clockFile);
  writeFileSync(file, '+0\n');
  return {
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: file,
    // Looks into the file once a second and not at every question.
    FAKETIME_CACHE_DURATION: '1',
    // Timers go on as they did: a step of the wall clock is not a jump of the machine.
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    DONT_FAKE_MONOTONIC: '1',
  };
}

function findLibrary(): string | null {
  for (const folder of ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu']) {
    try {
      const path = join(folder, 'faketime');
      if (readdirSync(path).includes('libfaketimeMT.so.1')) return join(path, 'libfaketimeMT.so.1');
    } catch {
      // Another architecture, or not installed.
    }
  }
  return null;
}

/** Sets the clock ahead (or behind, below zero) of the true time. */
export function setClock({ folder, tally }: Stage, seconds: number): void {
  writeFileSync(join(folder, clockFile), `${seconds < 0 ? '' : '+'}${seconds}\n`);
  tally.faults += 1;
}

const steps = [3_600, 60, 86_400, -600, 7_200, 0, 30];

/** Steps while it runs, and steps across a restart, where the new process knows nothing of the old one's time. */
export async function stepClock(stage: Stage, kills: number, seconds: number): Promise<void> {
  const { draw, tally, aside, troupe } = stage;
  const pauseMs = Math.max(2_000, (seconds * 1_000) / (2 * kills));
  for (let n = 0; n < kills; n += 1) {
    setClock(stage, steps[n % steps.length]!);
    await sleep(pauseMs);
    // The new process begins before the old one's time: what it makes is younger and carries an older time.
    await aside.kill();
    tally.killsOfAside += 1;
    setClock(stage, -draw.between(1, 3_000));
    await aside.startAgain();
    await troupe.connected();
    await sleep(pauseMs / 2);
    // Those who were away must catch up by pages.
    for (const member of troupe.members) member.cut();
    await sleep(pauseMs / 2);
  }
  setClock(stage, 0);
}
