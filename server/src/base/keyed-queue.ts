import { Refusal } from './refusal.ts';

// Work of one key runs one after the other, in the order it came; work of different keys side by side.

export interface KeyedQueue {
  /** Runs `work` after all earlier work of this key. Refuses `rate_limited` or `overloaded` when a bound is reached. */
  run<T>(key: string, work: () => Promise<T>): Promise<T>;
}

/** `perKeyMax` and `max` bound what is waiting or running, for one key and altogether. */
export function createKeyedQueue({
  perKeyMax,
  max,
}: {
  perKeyMax: number;
  max: number;
}): KeyedQueue {
  const keys = new Map<string, { waiting: number; last: Promise<unknown> }>();
  let waiting = 0;
  return {
    async run(key, work) {
      const entry = keys.get(key) ?? { waiting: 0, last: Promise.resolve() };
      if (entry.waiting >= perKeyMax) {
        throw new Refusal('rate_limited', undefined, { retryAfterMs: 1_000 });
      }
      if (waiting >= max) throw new Refusal('overloaded', undefined, { retryAfterMs: 1_000 });
      keys.set(key, entry);
      entry.waiting += 1;
      waiting += 1;
      const result = entry.last.then(work);
      // A failure is its own caller's; the next one runs all the same.
      entry.last = result.catch(() => {});
      try {
        return await result;
      } finally {
        waiting -= 1;
        entry.waiting -= 1;
        if (entry.waiting === 0) keys.delete(key);
      }
    },
  };
}
