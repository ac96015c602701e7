import { createMemoryStorage, createShelf, type SharedShelf } from './memory-storage.ts';
import type { Locks, NetworkState, Ports, Scheduler, Visibility } from './ports.ts';

// The ports without a browser: time moves when told, the network and the page are switches. For tests.

/** What several tabs of one browser share. */
export interface MemoryBrowser {
  time: ManualTime;
  shelf: SharedShelf;
  locks: Locks;
}

export interface MemoryPorts extends Ports {
  goOnline(isOnline: boolean): void;
  show(isVisible: boolean): void;
}

export function createMemoryBrowser(startMs = Date.UTC(2026, 10, 22)): MemoryBrowser {
  return { time: new ManualTime(startMs), shelf: createShelf(), locks: createMemoryLocks() };
}

export function createMemoryPorts(
  browser: MemoryBrowser,
  far: Pick<Ports, 'fetch' | 'openSocket'>,
  random: () => number = Math.random,
): MemoryPorts {
  const network = createSwitch();
  const page = createSwitch();
  const networkState: NetworkState = { isOnline: network.isOn, watch: network.watch };
  const visibility: Visibility = { isVisible: page.isOn, watch: page.watch };
  return {
    clock: browser.time,
    scheduler: browser.time,
    storage: createMemoryStorage(browser.shelf),
    locks: browser.locks,
    network: networkState,
    visibility,
    fetch: async (path, init) => {
      if (!network.isOn()) throw new TypeError('fetch failed');
      return await far.fetch(path, init);
    },
    openSocket: far.openSocket,
    random,
    newUuid: () => crypto.randomUUID(),
    goOnline: network.turn,
    show: page.turn,
  };
}

/** A clock and its timers. `advance` runs what is due, in order, and lets promises settle in between. */
export class ManualTime implements Scheduler {
  #nowMs: number;
  #lastId = 0;
  readonly #timers = new Map<number, { dueMs: number; task: () => void }>();

  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  now(): number {
    return this.#nowMs;
  }

  after(delayMs: number, task: () => void): () => void {
    const id = ++this.#lastId;
    this.#timers.set(id, { dueMs: this.#nowMs + delayMs, task });
    return () => void this.#timers.delete(id);
  }

  pendingTimers(): number {
    return this.#timers.size;
  }

  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    await settle();
    for (;;) {
      let next: [number, { dueMs: number; task: () => void }] | null = null;
      for (const entry of this.#timers) {
        if (entry[1].dueMs <= endMs && (next === null || entry[1].dueMs < next[1].dueMs))
          next = entry;
      }
      if (next === null) break;
      this.#timers.delete(next[0]);
      this.#nowMs = Math.max(this.#nowMs, next[1].dueMs);
      next[1].task();
      await settle();
    }
    this.#nowMs = endMs;
  }
}

/** Waits until every promise that can settle without time passing has settled. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) {
    await new Promise<void>((resolve) => nextTurn(resolve));
  }
}

// Node's, where the tests run; the page's own types do not know it.
const nextTurn = (globalThis as unknown as { setImmediate: (task: () => void) => void })
  .setImmediate;

function createSwitch() {
  let isOn = true;
  const listeners = new Set<(isOn: boolean) => void>();
  return {
    isOn: () => isOn,
    turn(on: boolean) {
      isOn = on;
      for (const listener of listeners) listener(on);
    },
    watch(listener: (isOn: boolean) => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

function createMemoryLocks(): Locks {
  const tails = new Map<string, Promise<unknown>>();
  return {
    async hold(name, signal, work) {
      const before = tails.get(name) ?? Promise.resolve();
      const mine = before.then(async () => {
        signal.throwIfAborted();
        return await work();
      });
      tails.set(
        name,
        mine.catch(() => undefined),
      );
      return await mine;
    },
  };
}
