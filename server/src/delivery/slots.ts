import { Refusal } from '../base/refusal.ts';

export interface Slots {
  /** Runs the work when one of the slots is free, first come first served; refuses `overloaded` when too many wait. */
  run<T>(work: () => Promise<T>): Promise<T>;
}

/** At most `max` at once and `waitingMax` behind them. */
export function createSlots(max: number, waitingMax: number): Slots {
  const waiting: (() => void)[] = [];
  let taken = 0;
  return {
    async run(work) {
      if (taken < max) taken += 1;
      else {
        if (waiting.length >= waitingMax) throw new Refusal('overloaded');
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
      try {
        return await work();
      } finally {
        const next = waiting.shift();
        if (next) next();
        else taken -= 1;
      }
    },
  };
}
