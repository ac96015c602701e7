import { closeCodes, type ClientFrame, type ServerFrame } from '@aside/protocol';
import type { Ports, SocketConnection, Stop } from '../platform/ports.ts';
import { backoffMs } from './backoff.ts';

// One socket to the server, kept alive for as long as the session lasts:
//
//   stopped ──start()──► opening ──open──► hello sent ──welcome──► live
//                          ▲                  │                     │
//                          └── waiting ◄──────┴─────────────────────┘   lost, silent, or told to reconnect
//   told to sign in again, or to stop ──► stopped

export const socketLimits = {
  heartbeatMs: 25_000,
  /** How long anything at all may take to arrive after a ping. */
  answerMs: 10_000,
  /** The same when the page comes back to the foreground: a person is waiting. */
  wakeAnswerMs: 4_000,
  openMs: 15_000,
  firstRetryMs: 1_000,
  maxRetryMs: 30_000,
  /** A connection that lived this long starts counting its retries afresh. */
  stableMs: 10_000,
  queueMax: 100,
  bufferedBytesMax: 1_000_000,
} as const;

export interface SocketOwner {
  /** The pos that the next hello carries; null asks for no catch-up. */
  helloPos(): number | null;
  /** Called for every frame of the live connection, with the pos its hello carried. */
  frame(frame: ServerFrame, helloPos: number | null): void;
  state(state: 'connecting' | 'online' | 'offline'): void;
  sessionEnded(): void;
  /** Several attempts in a row never reached a welcome; the reason may be one that only HTTP can tell. */
  struggling(): void;
}

export interface Socket {
  start(): void;
  stop(): void;
  isLive(): boolean;
  /** Sends now; else keeps it for the next connection, or drops it when `mayWait` is false. */
  send(frame: ClientFrame, mayWait: boolean): void;
}

type SocketPorts = Pick<Ports, 'openSocket' | 'scheduler' | 'network' | 'visibility' | 'random'>;

export function createSocket(ports: SocketPorts, owner: SocketOwner): Socket {
  return new ReconnectingSocket(ports, owner);
}

class ReconnectingSocket implements Socket {
  readonly #ports: SocketPorts;
  readonly #owner: SocketOwner;
  readonly #queue: ClientFrame[] = [];
  #connection: SocketConnection | null = null;
  #isRunning = false;
  #isLive = false;
  #attempt = 0;
  #helloPos: number | null = null;
  #stopWatching: Stop[] = [];
  /** At most one of each: the wait before a retry, the next ping, the answer it needs. */
  readonly #timers = new Map<'retry' | 'ping' | 'answer' | 'stable', Stop>();

  constructor(ports: SocketPorts, owner: SocketOwner) {
    this.#ports = ports;
    this.#owner = owner;
  }

  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#attempt = 0;
    this.#stopWatching = [
      this.#ports.network.watch((isOnline) => (isOnline ? this.#hurry() : this.#lose())),
      this.#ports.visibility.watch((isVisible) => isVisible && this.#hurry()),
    ];
    this.#open();
  }

  stop(): void {
    if (!this.#isRunning) return;
    this.#isRunning = false;
    for (const stop of this.#stopWatching) stop();
    this.#stopWatching = [];
    this.#queue.length = 0;
    this.#drop();
  }

  isLive(): boolean {
    return this.#isLive;
  }

  send(frame: ClientFrame, mayWait: boolean): void {
    const isRoom = (this.#connection?.bufferedBytes() ?? 0) < socketLimits.bufferedBytesMax;
    if (this.#isLive && isRoom) this.#write(frame);
    else if (mayWait && this.#isRunning) {
      this.#queue.push(frame);
      if (this.#queue.length > socketLimits.queueMax) this.#queue.shift();
    }
  }

  #open(): void {
    this.#drop();
    if (!this.#ports.network.isOnline()) {
      this.#owner.state('offline');
      return;
    }
    this.#owner.state('connecting');
    this.#helloPos = this.#owner.helloPos();
    const helloPos = this.#helloPos;
    const isMine = () => this.#connection === connection;
    const connection: SocketConnection = this.#ports.openSocket('/api/socket', {
      opened: () => {
        if (!isMine()) return;
        this.#write(helloPos === null ? { t: 'hello' } : { t: 'hello', pos: helloPos });
      },
      text: (data) => {
        if (isMine()) this.#receive(data);
      },
      closed: (code) => {
        if (isMine()) this.#closed(code);
      },
    });
    this.#connection = connection;
    this.#expectAnswer(socketLimits.openMs);
  }

  #receive(data: string): void {
    this.#cancel('answer');
    const frame = parseFrame(data);
    if (frame === null) return;
    if (frame.t === 'welcome' && !this.#isLive) this.#welcome();
    this.#owner.frame(frame, this.#helloPos);
  }

  #welcome(): void {
    this.#isLive = true;
    this.#owner.state('online');
    this.#arm('stable', socketLimits.stableMs, () => {
      this.#attempt = 0;
    });
    this.#schedulePing();
    for (const frame of this.#queue.splice(0)) this.#write(frame);
  }

  #schedulePing(): void {
    this.#arm('ping', socketLimits.heartbeatMs, () => {
      this.#ping(socketLimits.answerMs);
      this.#schedulePing();
    });
  }

  #ping(answerMs: number): void {
    this.#write({ t: 'ping' });
    this.#expectAnswer(answerMs);
  }

  /** A dead network never says so: what stays silent is given up. */
  #expectAnswer(withinMs: number): void {
    this.#arm('answer', withinMs, () => this.#closed(1006));
  }

  #closed(code: number): void {
    const then = thenFor(code);
    this.#drop();
    if (!this.#isRunning) return;
    if (then === 'reconnect') return this.#retryLater();
    this.stop();
    this.#owner.state('offline');
    if (then === 'sign-in') this.#owner.sessionEnded();
  }

  #retryLater(): void {
    if (!this.#ports.network.isOnline()) {
      this.#owner.state('offline');
      return;
    }
    const { firstRetryMs, maxRetryMs } = socketLimits;
    const delayMs = backoffMs(this.#attempt, firstRetryMs, maxRetryMs, this.#ports.random());
    this.#attempt += 1;
    this.#owner.state('connecting');
    if (this.#attempt % 3 === 0) this.#owner.struggling();
    if (this.#isRunning) this.#arm('retry', delayMs, () => this.#open());
  }

  /** The network came back or the page came forward: no waiting, and no trust in an old connection. */
  #hurry(): void {
    if (!this.#isRunning) return;
    if (this.#isLive) this.#ping(socketLimits.wakeAnswerMs);
    else if (this.#connection === null) this.#open();
  }

  #lose(): void {
    if (!this.#isRunning) return;
    this.#drop();
    this.#owner.state('offline');
  }

  #write(frame: ClientFrame): void {
    this.#connection?.send(JSON.stringify(frame));
  }

  #drop(): void {
    const connection = this.#connection;
    this.#connection = null;
    this.#isLive = false;
    for (const name of this.#timers.keys()) this.#cancel(name);
    connection?.close();
  }

  #arm(name: 'retry' | 'ping' | 'answer' | 'stable', delayMs: number, task: () => void): void {
    this.#cancel(name);
    const stop = this.#ports.scheduler.after(delayMs, () => {
      this.#timers.delete(name);
      task();
    });
    this.#timers.set(name, stop);
  }

  #cancel(name: 'retry' | 'ping' | 'answer' | 'stable'): void {
    this.#timers.get(name)?.();
    this.#timers.delete(name);
  }
}

/** What to do after a close; a code nobody listed means the way there broke, not the session. */
function thenFor(code: number): (typeof closeCodes)[keyof typeof closeCodes]['then'] {
  return Object.values(closeCodes).find((entry) => entry.code === code)?.then ?? 'reconnect';
}

function parseFrame(data: string): ServerFrame | null {
  try {
    const frame = JSON.parse(data) as ServerFrame | null;
    return typeof frame?.t === 'string' ? frame : null;
  } catch {
    return null;
  }
}
