import { delaysMs } from './limits.ts';
import type { Core } from './core.ts';
import type { Problem } from './model.ts';

// Fetches the page owes itself. One at a time per key: asking again while it runs makes it run once more, so
// that the last answer is never older than the last question. What fails for the moment is tried again, and
// what still fails is owed until the socket is back.

const triesAtOnce = 4;
const quickRepeats = 10;

export type ErrandEnd = 'done' | 'temporary';
type Errand = () => Promise<ErrandEnd>;

export class Errands {
  readonly #core: Core;
  readonly #running = new Map<string, { again: Errand | null; promise: Promise<void> }>();
  readonly #owed = new Map<string, Errand>();

  constructor(core: Core) {
    this.#core = core;
  }

  run(key: string, errand: Errand): Promise<void> {
    const running = this.#running.get(key);
    if (running !== undefined) {
      running.again = errand;
      return running.promise;
    }
    this.#owed.delete(key);
    const entry = { again: null as Errand | null, promise: Promise.resolve() };
    this.#running.set(key, entry);
    entry.promise = this.#work(key, errand, entry);
    return entry.promise;
  }

  isRunning(key: string): boolean {
    return this.#running.has(key);
  }

  /** The way to the server is open again. */
  payOwed(): void {
    for (const [key, errand] of this.#owed) void this.run(key, errand);
  }

  clear(): void {
    this.#owed.clear();
    this.#running.clear();
  }

  async #work(key: string, first: Errand, entry: { again: Errand | null }): Promise<void> {
    const signal = this.#core.sessionSignal();
    let errand = first;
    for (let attempt = 0; ; attempt += 1) {
      entry.again = null;
      const end = await errand();
      if (signal.aborted) return;
      errand = entry.again ?? errand;
      if (end === 'done' && entry.again === null) break;
      if (end === 'temporary') {
        if (attempt >= triesAtOnce - 1 || !this.#core.ports.network.isOnline()) {
          this.#owed.set(key, errand);
          break;
        }
      }
      // Asked again and again without end means an answer that never satisfies: keep asking, but slowly.
      if (end === 'temporary' || attempt >= quickRepeats) {
        await this.#pause(attempt);
        if (signal.aborted) return;
      }
    }
    this.#running.delete(key);
  }

  #pause(attempt: number): Promise<void> {
    const topMs = Math.min(delaysMs.retryMax, delaysMs.retryFirst * 2 ** attempt);
    return new Promise((resolve) => {
      this.#core.after(topMs / 2 + (topMs / 2) * this.#core.ports.random(), resolve);
    });
  }
}

/** Whether the same question may be answered a moment later. */
export function isTemporary(problem: Problem): boolean {
  const temporary: readonly Problem['code'][] = [
    'offline',
    'overloaded',
    'rate_limited',
    'internal',
    'unknown',
  ];
  return temporary.includes(problem.code);
}
