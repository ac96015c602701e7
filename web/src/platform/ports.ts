// What the client's core needs from its surroundings. `browser.ts` and `memory.ts` implement it; the core
// itself touches no global, so that a test can hold time, storage, network and tabs in its hand.

export type Stop = () => void;

export interface Clock {
  /** Milliseconds since 1970, UTC. */
  now(): number;
}

export interface Scheduler {
  /** Runs `task` once after `delayMs`, unless the returned function is called before. */
  after(delayMs: number, task: () => void): Stop;
}

/** Small values that survive a reload and are shared by the tabs of one browser profile. */
export interface KeyValueStore {
  get(key: string): string | null;
  /** False when the value could not be kept (quota, private mode). */
  set(key: string, value: string): boolean;
  remove(key: string): void;
  keys(prefix: string): string[];
  /** Hears changes made by *other* tabs; `value` is null when the key was removed. */
  watch(listener: (key: string, value: string | null) => void): Stop;
}

export interface Locks {
  /** Runs `work` while no other tab holds `name`; rejects when `signal` aborts before the lock was got. */
  hold<T>(name: string, signal: AbortSignal, work: () => Promise<T>): Promise<T>;
}

export interface NetworkState {
  isOnline(): boolean;
  watch(listener: (isOnline: boolean) => void): Stop;
}

export interface Visibility {
  isVisible(): boolean;
  /** Hears every change, also the last one before the page goes away. */
  watch(listener: (isVisible: boolean) => void): Stop;
}

export interface SocketEvents {
  opened(): void;
  text(data: string): void;
  /** Exactly once, whatever happened; 1006 stands for "lost without a word". */
  closed(code: number): void;
}

export interface SocketConnection {
  send(text: string): void;
  close(): void;
  /** Bytes accepted by `send` and not yet on the wire. */
  bufferedBytes(): number;
}

export interface Ports {
  clock: Clock;
  scheduler: Scheduler;
  storage: KeyValueStore;
  /** Null where the browser has none; client ids keep a double send harmless. */
  locks: Locks | null;
  network: NetworkState;
  visibility: Visibility;
  fetch: (path: string, init: RequestInit) => Promise<Response>;
  openSocket: (path: string, events: SocketEvents) => SocketConnection;
  /** At least 0, below 1. */
  random: () => number;
  newUuid: () => string;
}
