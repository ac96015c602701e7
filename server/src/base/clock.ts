// The one source of time. Everything that decides by time takes a Clock, so that a test can move it.

export interface Clock {
  /** Milliseconds since 1970, UTC. Never smaller than an earlier answer of the same clock. */
  now(): number;
  /** Moves every later answer forward. Throws unless the clock was made movable. */
  advance(ms: number): void;
}

/** A clock that follows the machine but never steps back; `movable` allows `advance` (ASIDE_TEST_CLOCK). */
export function systemClock(movable = false): Clock {
  let last = 0;
  let offsetMs = 0;
  return {
    now() {
      last = Math.max(last, Date.now() + offsetMs);
      return last;
    },
    advance(ms) {
      if (!movable) throw new Error('this clock cannot be moved');
      offsetMs += ms;
    },
  };
}
