import { connect, type NatsConnection, type Subscription } from '@nats-io/transport-node';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../base/log.ts';
import type { BusTallies } from '../base/metrics.ts';

// One line to NATS that is always being kept up. The client can reconnect by itself, but after a half-open
// connection it waits for a last write that never ends, keeps publishing into a buffer without a bound, and does not
// say when subscriptions hold again. So each connection is used once, and a new one is made when it fails.

export interface NatsLink {
  readonly isUp: boolean;
  /** Holds on this and every later connection; a listener that throws is logged. Answers how to end it. */
  subscribe(subject: string, listener: Listener): () => void;
  /** Sends it now or not at all: without a connection, or with 16 MB not known to have left, it is dropped. */
  publish(subject: string, payload: Uint8Array): void;
  /** Counts what was not even written, because nobody would hear it. */
  drop(events: number): void;
  /** Called whenever a new connection has all subscriptions, the first time included. */
  onUp(listener: () => void): void;
  /** Sends what was published, then closes. */
  stop(): Promise<void>;
}

export type Listener = (data: Uint8Array, subject: string) => void;

export interface NatsServers {
  /** host:port each. */
  servers: string[];
  user?: string;
  pass?: string;
  token?: string;
  tls: boolean;
}

const dialMs = 2_000;
const pauseMs = 250;
/** How often what was sent is known to have arrived; a line that does not answer for `staleMs` is given up. */
const flushMs = 500;
const staleMs = 2_000;
const backlogMaxBytes = 16 * 1024 * 1024;
const stopMs = 2_000;

/** Begins to connect and returns at once. Logs when NATS is lost and when it is back, once each. */
export function openNatsLink(options: NatsServers, log: Log, tallies: BusTallies): NatsLink {
  return new Link(options, log, tallies);
}

interface Held {
  listener: Listener;
  now?: Subscription;
}

interface Line {
  nc: NatsConnection;
  /** Bytes published and not yet known to have arrived. */
  unconfirmed: number;
}

class Link implements NatsLink {
  private readonly options: NatsServers;
  private readonly log: Log;
  private readonly tallies: BusTallies;
  private readonly held = new Map<string, Held>();
  private readonly ups = new Set<() => void>();
  private readonly stopping = new AbortController();
  private readonly running: Promise<void>;
  /** Subscriptions are made on it from its first moment on; it carries events once it is the line. */
  private nc: NatsConnection | undefined;
  private line: Line | undefined;

  constructor(options: NatsServers, log: Log, tallies: BusTallies) {
    this.options = options;
    this.log = log;
    this.tallies = tallies;
    this.running = this.keepUp();
  }

  get isUp(): boolean {
    return this.line !== undefined;
  }

  subscribe(subject: string, take: Listener): () => void {
    const listener: Listener = (data, from) => {
      this.tallies.received += 1;
      try {
        take(data, from);
      } catch (error) {
        // It would end the client's reader, and with it everything else that comes by this line.
        this.log.error({ err: error }, 'news of another node could not be understood');
      }
    };
    const one: Held = { listener };
    this.held.set(subject, one);
    if (this.nc) one.now = begin(this.nc, subject, listener);
    return () => {
      if (this.held.get(subject) === one) this.held.delete(subject);
      if (!one.now?.isClosed()) one.now?.unsubscribe();
    };
  }

  publish(subject: string, payload: Uint8Array): void {
    if (!this.line || this.line.unconfirmed > backlogMaxBytes) {
      this.tallies.dropped += 1;
      return;
    }
    this.line.unconfirmed += payload.length;
    try {
      this.line.nc.publish(subject, payload);
      this.tallies.published += 1;
    } catch (error) {
      // Closing at this very moment, or larger than the server takes.
      this.log.warn({ err: error, size: payload.length }, 'an event was not published');
    }
  }

  drop(events: number): void {
    this.tallies.dropped += events;
  }

  onUp(listener: () => void): void {
    this.ups.add(listener);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async keepUp(): Promise<void> {
    const { signal } = this.stopping;
    for (let isDown = false; !signal.aborted; await pause(signal)) {
      const nc = await dial(this.options).catch(() => null);
      const wasUsed = nc !== null && (await this.useUntilItFails(nc));
      if (signal.aborted) return;
      if (wasUsed || !isDown) this.log.warn('NATS is not reached; tried again until it is');
      isDown = true;
    }
  }

  /** True when it could be used at all. */
  private async useUntilItFails(nc: NatsConnection): Promise<boolean> {
    const ended = new AbortController();
    const closed = nc.closed().then(() => ended.abort());
    let wasUsed = false;
    try {
      this.nc = nc;
      for (const [subject, one] of this.held) one.now = begin(nc, subject, one.listener);
      await answered(nc);
      this.stopping.signal.throwIfAborted();
      this.line = { nc, unconfirmed: 0 };
      wasUsed = true;
      this.log.info('NATS is reached');
      for (const up of this.ups) up();
      await watch(this.line, AbortSignal.any([ended.signal, this.stopping.signal]));
    } catch {
      // Whatever failed, a new connection is the remedy.
    }
    [this.nc, this.line] = [undefined, undefined];
    if (this.stopping.signal.aborted) await drain(nc);
    await nc.close().catch(() => {});
    await closed;
    return wasUsed;
  }
}

/** Asks again and again whether what was sent has arrived; throws when the line is closed or does not answer. */
async function watch(line: Line, ended: AbortSignal): Promise<void> {
  while (!ended.aborted) {
    const sent = line.unconfirmed;
    await answered(line.nc);
    line.unconfirmed -= sent;
    await sleep(flushMs, undefined, { signal: ended });
  }
}

async function answered(nc: NatsConnection): Promise<void> {
  const giveUp = new AbortController();
  const late = sleep(staleMs, 'late', { signal: giveUp.signal });
  late.catch(() => {});
  try {
    if ((await Promise.race([nc.flush(), late])) === 'late')
      throw new Error('NATS does not answer');
  } finally {
    giveUp.abort();
  }
}

function dial({ servers, tls, ...login }: NatsServers): Promise<NatsConnection> {
  return connect({
    servers,
    ...login,
    ...(tls ? { tls: {} } : {}),
    name: 'aside',
    noEcho: true,
    reconnect: false,
    timeout: dialMs,
    // The watch asks much more often.
    pingInterval: 60_000,
  });
}

function begin(nc: NatsConnection, subject: string, listener: Listener): Subscription {
  return nc.subscribe(subject, {
    callback: (error, message) => {
      if (!error) listener(message.data, message.subject);
    },
  });
}

async function drain(nc: NatsConnection): Promise<void> {
  const late = sleep(stopMs, undefined, { ref: false });
  await Promise.race([nc.drain().catch(() => {}), late]);
}

async function pause(signal: AbortSignal): Promise<void> {
  const ms = pauseMs * (0.5 + Math.random());
  await sleep(ms, undefined, { signal }).catch(() => {});
}
