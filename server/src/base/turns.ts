import { Refusal } from './refusal.ts';

// Some work of one key at once, the rest in the order it came; work of different keys does not wait for each other.

export interface Turns {
  /** Resolves when it is this one's turn, with what ends it; ending twice does no harm. Refuses `rate_limited`. */
  begin(key: string): Promise<() => void>;
}

/** `atOnce` of one key go on, `waitingMax` more wait; who comes then is refused. */
export function createTurns({ atOnce, waitingMax }: { atOnce: number; waitingMax: number }): Turns {
  const keys = new Map<string, { running: number; waiting: (() => void)[] }>();
  const turnOf = (key: string): (() => void) => {
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      const entry = keys.get(key)!;
      const next = entry.waiting.shift();
      // The next one takes over the place, so that nobody slips in between.
      if (next) return next();
      entry.running -= 1;
      if (entry.running === 0) keys.delete(key);
    };
  };
  return {
    async begin(key) {
      const entry = keys.get(key) ?? { running: 0, waiting: [] };
      keys.set(key, entry);
      if (entry.running < atOnce) {
        entry.running += 1;
        return turnOf(key);
      }
      if (entry.waiting.length >= waitingMax) {
        throw new Refusal('rate_limited', undefined, { retryAfterMs: 1_000 });
      }
      await new Promise<void>((resolve) => entry.waiting.push(resolve));
      return turnOf(key);
    },
  };
}
