import { LRUCache } from 'lru-cache';
import type { Clock } from '../../base/clock.ts';

export type Attempt =
  | {
      allowed: true;
      /** What came of it: `succeeded` forgets all earlier ones, `void` gives this one back. Default: it counts. */
      settle(outcome: 'succeeded' | 'void'): void;
    }
  | { allowed: false; retryAfterMs: number };

export interface WindowLimit {
  /** Counts one attempt at once, so that attempts in parallel cannot pass together, and says whether it may go on. */
  begin(key: string): Attempt;
  forget(key: string): void;
}

const keysMax = 50_000;

/**
 * At most `max` attempts per key in a window that opens with the first. In this process's memory, for the 50,000
 * keys used last: every node counts for itself, and a restart forgets.
 */
export function createWindowLimit(options: {
  clock: Clock;
  max: number;
  windowMs: number;
}): WindowLimit {
  const { clock, max, windowMs } = options;
  const windows = new LRUCache<string, { count: number; endsAt: number }>({ max: keysMax });
  return {
    begin(key) {
      const now = clock.now();
      const open = windows.get(key);
      const window = open && open.endsAt > now ? open : { count: 0, endsAt: now + windowMs };
      if (window.count >= max) return { allowed: false, retryAfterMs: window.endsAt - now };
      window.count += 1;
      windows.set(key, window);
      return {
        allowed: true,
        settle: (outcome) => {
          if (outcome === 'succeeded') windows.delete(key);
          else window.count -= 1;
        },
      };
    },
    forget: (key) => void windows.delete(key),
  };
}

/** One household or server is one key: an IPv6 address stands for its /64, which its holder can vary freely. */
export function addressKey(address: string): string {
  const plain = address
    .toLowerCase()
    .replace(/^::ffff:(?=\d+\.)/, '')
    .replace(/%.*$/, '');
  if (!plain.includes(':')) return plain;
  const [head = '', tail] = plain.split('::');
  const groups = head.split(':');
  if (tail !== undefined) {
    const given = tail === '' ? [] : tail.split(':');
    const missing = Math.max(0, 8 - (head === '' ? 0 : groups.length) - given.length);
    if (head === '') groups.length = 0;
    groups.push(...Array<string>(missing).fill('0'), ...given);
  }
  return groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
}
