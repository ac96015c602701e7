import { applyEvent } from './apply-event.ts';
import type { StoreEvent } from './events.ts';
import { nothingKnown, type Known, type Want } from './known.ts';
import type { AppState } from './model.ts';
import type { NetOwner, NetPort, Stop, StorePorts } from './ports.ts';

// What the parts of the store share: the knowledge, the one way to change it, and timers that all end when
// the session does.

export class Core {
  readonly ports: StorePorts;
  readonly net: NetPort;
  known: Known = nothingKnown('unknown');
  /** Set once by whoever assembles the store. */
  fulfil: (want: Want) => void = () => undefined;
  readonly #listeners = new Set<() => void>();
  readonly #timers = new Set<Stop>();
  #session = new AbortController();

  constructor(ports: StorePorts, owner: NetOwner) {
    this.ports = ports;
    this.net = ports.net(owner);
  }

  get app(): AppState {
    return this.known.app;
  }

  dispatch(event: StoreEvent): void {
    const { known, wants } = applyEvent(this.known, event);
    const isNews = known.app !== this.known.app;
    this.known = known;
    if (isNews) for (const listener of this.#listeners) listener();
    for (const want of wants) this.fulfil(want);
  }

  subscribe(listener: () => void): Stop {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Aborts when this person's session at this page ends, or the store stops. Ask for it before waiting. */
  sessionSignal(): AbortSignal {
    return this.#session.signal;
  }

  /** A timer that does not outlive the session. */
  after(delayMs: number, task: () => void): Stop {
    const stop = this.ports.scheduler.after(delayMs, () => {
      this.#timers.delete(cancel);
      task();
    });
    const cancel = () => {
      this.#timers.delete(cancel);
      stop();
    };
    this.#timers.add(cancel);
    return cancel;
  }

  /** Ends everything that belongs to the session: timers, requests, the socket. */
  endSession(): void {
    this.#session.abort();
    this.#session = new AbortController();
    for (const cancel of this.#timers) cancel();
    this.net.socket.stop();
    this.net.abortAll();
  }
}
