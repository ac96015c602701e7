import type { Core } from './core.ts';
import { delaysMs } from './limits.ts';
import type { Stop } from './ports.ts';

// Typing, both ways: told at most every few seconds, shown until it goes stale or the message comes.

export class Typing {
  readonly #core: Core;
  readonly #toldAt = new Map<string, number>();
  readonly #ends = new Map<string, Stop>();

  constructor(core: Core) {
    this.#core = core;
  }

  typed(conversationId: string): void {
    const now = this.#core.ports.clock.now();
    if (now - (this.#toldAt.get(conversationId) ?? -Infinity) < delaysMs.typingSend) return;
    if (!this.#core.net.socket.isLive()) return;
    for (const [id, at] of this.#toldAt)
      if (now - at >= delaysMs.typingSend) this.#toldAt.delete(id);
    this.#toldAt.set(conversationId, now);
    this.#core.net.socket.send({ t: 'typing', conversationId }, false);
  }

  /** A message was sent: the next letter is news again. */
  sent(conversationId: string): void {
    this.#toldAt.delete(conversationId);
  }

  show(conversationId: string, personId: string): void {
    const key = `${conversationId} ${personId}`;
    this.#ends.get(key)?.();
    const end = () => {
      this.#ends.delete(key);
      this.#core.dispatch({ type: 'typing-ended', conversationId, personId });
    };
    this.#ends.set(key, this.#core.after(delaysMs.typingShown, end));
  }

  clear(): void {
    for (const stop of this.#ends.values()) stop();
    this.#ends.clear();
    this.#toldAt.clear();
  }
}
