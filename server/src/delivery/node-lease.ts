import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../base/log.ts';

/** Whether this node may still act for the sessions that its sockets began with. */
export interface Lease {
  /** False: a session may have ended elsewhere without this node having heard; nothing may be told or done for one. */
  holds(): boolean;
  /** Resolves when it holds again; sockets whose session has ended are closed by then. */
  renewed(): Promise<void>;
}

/** For a process that is alone: it ends every session itself. */
export const endlessLease: Lease = { holds: () => true, renewed: async () => {} };

/** For how long a node that hears nothing may go on. Whoever ends a session waits at most as long for it. */
export const leaseMs = 2_000;
/** How often it is looked at whether the lease is about to end, and how early that is. */
const lookMs = 200;
const earlyMs = 900;

export interface LeaseSource {
  /** Up to when everything that other nodes said has been heard, by `performance.now`. */
  provenAt(): number;
  /** Nothing heard before counts any more. */
  doubt(): void;
  /** Every other node has been heard since. */
  areWhole(): boolean;
  /** Reads the sessions of all sockets here again and closes those that ended. */
  reread(): Promise<void>;
}

/**
 * Two ways keep the lease: what the other nodes say, without a loss; and reading the sessions of all sockets again.
 * After a loss or a lapse only reading counts, until it was done after every node had been heard again.
 */
export class NodeLease implements Lease {
  private readonly source: LeaseSource;
  private readonly log: Log;
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;
  private until = 0;
  private rereadAt = Number.NEGATIVE_INFINITY;
  private isDoubtful = true;
  private wake: () => void = () => {};
  private waiting: PromiseWithResolvers<void> | undefined;

  constructor(source: LeaseSource, log: Log) {
    this.source = source;
    this.log = log;
  }

  start(): void {
    this.running = this.keep();
  }

  holds(): boolean {
    if (performance.now() < this.until) return true;
    if (!this.isDoubtful) {
      this.log.warn('not heard of other nodes for too long; sessions are read again');
      this.doubt();
    }
    return false;
  }

  renewed(): Promise<void> {
    if (this.holds()) return Promise.resolve();
    this.waiting ??= Promise.withResolvers();
    return this.waiting.promise;
  }

  /** Something that another node said was lost. */
  doubt(): void {
    this.source.doubt();
    this.isDoubtful = true;
    this.recheck();
  }

  /** The others have changed; does at once what has become necessary. */
  recheck(): void {
    this.count();
    this.wake();
  }

  /** What is known of the others has changed. */
  count(): void {
    const heard = this.isDoubtful ? Number.NEGATIVE_INFINITY : this.source.provenAt();
    this.until = Math.max(heard, this.rereadAt) + leaseMs;
    if (performance.now() >= this.until) return;
    this.waiting?.resolve();
    this.waiting = undefined;
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    this.wake();
    this.waiting?.resolve();
    await this.running;
  }

  private async keep(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      this.count();
      const isDue = this.until - performance.now() < leaseMs - earlyMs;
      if (isDue || (this.isDoubtful && this.source.areWhole())) await this.reread();
      const woken = new Promise<void>((resolve) => (this.wake = resolve));
      await Promise.race([woken, sleep(lookMs, undefined, { signal }).catch(() => {})]);
    }
  }

  private async reread(): Promise<void> {
    const begun = performance.now();
    const isWhole = this.source.areWhole();
    try {
      await this.source.reread();
    } catch (error) {
      this.log.warn({ err: error }, 'sessions could not be read again; tried again');
      return;
    }
    this.rereadAt = begun;
    // A loss while it was read leaves somebody who is not whole.
    if (isWhole && this.source.areWhole()) this.isDoubtful = false;
    this.count();
  }
}
