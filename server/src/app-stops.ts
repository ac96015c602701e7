import type { Log } from './base/log.ts';

/** Undone in reverse order, each step even if another fails. */
export type Stops = (() => unknown)[];

export async function stopAll(stops: Stops, log: Log): Promise<void> {
  for (const stop of stops.splice(0).reverse()) {
    try {
      await stop();
    } catch (error) {
      log.error({ err: error }, 'a part did not stop cleanly');
    }
  }
}
