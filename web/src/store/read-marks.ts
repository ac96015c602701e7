import type { ServerFrame } from '@aside/protocol';
import type { Core } from './core.ts';
import { bounds, delaysMs } from './limits.ts';
import type { Stop } from './ports.ts';

// How far I have read, told to the server: a moment later, so that a scroll is one request, and again after
// every reconnect until the server says the same.

export class ReadMarks {
  readonly #core: Core;
  /** Not confirmed yet, by conversation. */
  readonly #pending = new Map<string, number>();
  readonly #due = new Map<string, Stop>();

  constructor(core: Core) {
    this.#core = core;
  }

  mark(id: string, seq: number): void {
    const before = this.#core.app.conversations.get(id);
    if (before === undefined || Math.min(seq, before.headSeq) <= before.readSeq) return;
    // Looking at a request tells nobody anything, not even that it was seen.
    if (before.state === 'pending' || before.folder === 'requests') return;
    this.#core.dispatch({ type: 'read-marked', conversationId: id, seq });
    this.#pending.delete(id);
    this.#pending.set(id, Math.min(seq, before.headSeq));
    const oldest = this.#pending.keys().next();
    if (this.#pending.size > bounds.pendingReads && oldest.done !== true) {
      this.#pending.delete(oldest.value);
    }
    if (this.#due.has(id)) return;
    this.#due.set(
      id,
      this.#core.after(delaysMs.readMark, () => this.#tell(id)),
    );
  }

  /** The page is leaving: what waits goes now. */
  flush(): void {
    for (const id of this.#due.keys()) this.#tell(id);
  }

  /** The way is open again: whatever was not confirmed is told once more. Telling twice changes nothing. */
  resend(): void {
    for (const id of this.#pending.keys()) this.#tell(id);
  }

  heard(frame: ServerFrame): void {
    if (this.#pending.size === 0) return;
    if (frame.t === 'tick')
      for (const row of frame.rows) this.#confirm(row.conversationId, row.readSeq);
    if (frame.t === 'inbox') for (const row of frame.rows) this.#confirm(row.id, row.readSeq);
  }

  clear(): void {
    for (const stop of this.#due.values()) stop();
    this.#due.clear();
    this.#pending.clear();
  }

  #confirm(id: string, readSeq: number): void {
    if (readSeq >= (this.#pending.get(id) ?? Infinity)) this.#pending.delete(id);
  }

  #tell(id: string): void {
    this.#due.get(id)?.();
    this.#due.delete(id);
    const seq = this.#pending.get(id);
    if (seq === undefined) return;
    const { socket } = this.#core.net;
    if (socket.isLive()) {
      socket.send({ t: 'read', conversationId: id, seq }, false);
      return;
    }
    void this.#tellOverHttp(id, seq);
  }

  async #tellOverHttp(id: string, seq: number): Promise<void> {
    const signal = this.#core.sessionSignal();
    const answer = await this.#core.net.api.markRead(id, seq);
    if (answer.ok && !signal.aborted) this.#confirm(id, answer.value.readSeq);
  }
}
