import type { Stage } from '../stage.ts';
import { sleep } from '../wait.ts';

/** Lines break all the time: each device's again and again, `perMinute` in all, now and then many at once. */
export async function breakLines(
  { troupe, draw, tally }: Stage,
  perMinute: number,
  seconds: number,
): Promise<void> {
  const end = performance.now() + seconds * 1_000;
  const pauseMs = 60_000 / perMinute;
  while (performance.now() < end) {
    const count = draw.isLucky(0.1) ? 5 : 1;
    for (let n = 0; n < count; n += 1) draw.pick(troupe.members).cut();
    tally.faults += count;
    await sleep(draw.between(Math.floor(pauseMs / 2), Math.ceil(pauseMs * 1.5)));
  }
}
