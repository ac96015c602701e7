import { setTimeout as sleep } from 'node:timers/promises';

/** Asks again and again until the answer is neither false nor null nor undefined; throws after `withinMs`, with what was waited for. */
export async function until<T>(
  what: string | (() => string),
  withinMs: number,
  ask: () => T | Promise<T>,
): Promise<NonNullable<T>> {
  const end = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== false && answer !== null && answer !== undefined) return answer;
    if (performance.now() > end) {
      const text = typeof what === 'string' ? what : what();
      throw new Error(`waited ${withinMs} ms in vain: ${text}`);
    }
    await sleep(20);
  }
}

export { sleep };
