import { errorCatalogue, type HeldMessage, type SendAnswer } from '@aside/protocol';
import type { Core } from './core.ts';
import { isTemporary } from './errands.ts';
import { bounds, delaysMs } from './limits.ts';
import type { Outcome, OutboxItem, Problem } from './model.ts';
import type { Stop } from './ports.ts';
import type { Shelf, ShelfNews } from './shelf.ts';

// Messages on their way. Each is kept on the shelf before it is shown, and sent over HTTP under one client id
// until the server has answered it, so that it arrives exactly once however often it was tried.
//
//                send()
//                  │
//                  ▼        its turn, network there, wait over
//   discard() ◄─ queued ──────────────────────────────────────► sending
//                  ▲  ▲                                           │ │ │
//                  │  └── no answer · rate_limited · overloaded ──┘ │ │
//          retry() │                                                │ │
//                  └───── failed ◄──────── refused ─────────────────┘ │
//                           │                                         ├──► held ── takeBackHeld() · dropped
//                       discard()          the message in its place ◄─┘ acknowledged, or released
//
// One conversation sends one message at a time, so that order is kept; one that failed or is held lets the next ones pass.
// Tabs share the shelf: whoever holds the conversation's lock sends, and looks first whether it still lies there.

/** A server that keeps failing is asked this often before the person is. */
const serverErrorTries = 5;

interface Progress {
  tries: number;
  notBeforeMs: number;
  /** Answered; waits only until its place in the timeline is known. */
  isAnswered: boolean;
  isShelved: boolean;
  /** Put on the shelf as such, so that a reload does not send it again. */
  isHeld: boolean;
}

export class Outbox {
  readonly #core: Core;
  readonly #shelf: Shelf;
  readonly #progress = new Map<string, Progress>();
  /** Conversations, by queue key, with a message under way. */
  readonly #busy = new Set<string>();
  #wakeUp: Stop | null = null;
  #lastCreatedMs = 0;
  #isOpen = false;

  constructor(core: Core, shelf: Shelf) {
    this.#core = core;
    this.#shelf = shelf;
  }

  /** Takes up what an earlier page left. */
  open(): void {
    this.#isOpen = true;
    const shelved = this.#shelf.listItems();
    for (const { item, notBeforeMs } of shelved) this.#remember(item, notBeforeMs, true);
    this.#core.dispatch({ type: 'outbox-loaded', items: shelved.map(({ item }) => item) });
    this.wake();
  }

  /** Forgets, but leaves the shelf as it is. */
  close(): void {
    this.#isOpen = false;
    this.#wakeUp?.();
    this.#wakeUp = null;
    this.#busy.clear();
    this.#progress.clear();
  }

  add(target: { conversationId: string } | { to: string }, text: string): string {
    const clientId = this.#core.ports.newUuid();
    // Strictly rising, so that a reload finds the same order.
    this.#lastCreatedMs = Math.max(this.#core.ports.clock.now(), this.#lastCreatedMs + 1);
    const item: OutboxItem = {
      clientId,
      ...addressOf(target, this.#core.known.directs),
      text,
      createdAt: new Date(this.#lastCreatedMs).toISOString(),
      status: 'queued',
    };
    if (this.#progress.size >= bounds.outboxItems) return this.#refuseToKeep(item);
    this.#remember(item, 0, this.#shelf.putItem(item, 0));
    this.#core.dispatch({ type: 'outbox-added', item });
    this.wake();
    return clientId;
  }

  retry(clientId: string): void {
    const item = this.#find(clientId);
    if (item?.status !== 'failed') return;
    if (!this.#progress.has(clientId) && this.#progress.size >= bounds.outboxItems) return;
    const { problem: _, ...rest } = item;
    const queued: OutboxItem = { ...rest, status: 'queued' };
    this.#remember(queued, 0, this.#shelf.putItem(queued, 0));
    this.#core.dispatch({ type: 'outbox-changed', clientId, status: 'queued', problem: null });
    this.wake();
  }

  /** What is under way cannot be taken back, and of what is held the server must hear; anything else is gone at once. */
  discard(clientId: string): void {
    const status = this.#find(clientId)?.status;
    if (status === 'sending' || status === 'held') return;
    this.#forget(clientId);
    this.#core.dispatch({ type: 'outbox-removed', clientId });
  }

  /** Something may have become possible: the network, a wait that is over, the socket's welcome. */
  hurry(): void {
    for (const progress of this.#progress.values()) {
      // A wait that the server asked for is kept; one that we chose ourselves is not.
      if (progress.tries > 0 && !progress.isAnswered) progress.notBeforeMs = 0;
    }
    this.wake();
  }

  /** After every change of the state: what the timeline took over need not lie here any longer. */
  reconcile(): void {
    if (!this.#isOpen || this.#progress.size === 0) return;
    const waiting = new Map(this.#core.app.outbox.map((item) => [item.clientId, item]));
    for (const [clientId, progress] of this.#progress) {
      const item = waiting.get(clientId);
      if (item === undefined) this.#forget(clientId);
      else if (item.status === 'held' && !progress.isHeld) {
        progress.isHeld = true;
        progress.isShelved = this.#shelf.putItem(item, 0);
      }
    }
  }

  /** What the server says it holds: also messages that another device sent. */
  takeUp(held: readonly HeldMessage[]): void {
    for (const { clientId, conversationId, text, heldAt } of held) {
      const mine = this.#find(clientId);
      if (mine?.status === 'held' || mine?.status === 'sending') continue;
      if (mine === undefined && this.#progress.size >= bounds.outboxItems) continue;
      const item: OutboxItem = {
        ...(mine ?? { clientId, conversationId, to: null, text, createdAt: heldAt }),
        status: 'held',
        problem: { code: 'held', detail: errorCatalogue.held.detail },
      };
      this.#remember(item, 0, this.#shelf.putItem(item, 0));
      this.#core.dispatch({ type: 'outbox-added', item });
    }
  }

  /** Another tab of this browser wrote, sent or failed something. */
  heard(news: Extract<ShelfNews, { about: 'outbox' }>): void {
    if (!this.#isOpen) return;
    const { clientId, shelved } = news;
    const mine = this.#find(clientId);
    if (shelved === null) {
      // Under way here as well: our own answer will tell.
      if (mine === undefined || mine.status === 'sending') return;
      this.#progress.delete(clientId);
      this.#core.dispatch({ type: 'outbox-removed', clientId });
      return;
    }
    if (mine?.status === 'sending') return;
    this.#remember(shelved.item, shelved.notBeforeMs, true);
    this.#core.dispatch({ type: 'outbox-added', item: shelved.item });
    this.wake();
  }

  wake(): void {
    this.#wakeUp?.();
    this.#wakeUp = null;
    if (!this.#isOpen || !this.#core.ports.network.isOnline()) return;
    const now = this.#core.ports.clock.now();
    let soonestMs = Infinity;
    for (const [key, item] of this.#heads()) {
      if (this.#busy.has(key)) continue;
      const notBeforeMs = this.#progress.get(item.clientId)?.notBeforeMs ?? 0;
      if (notBeforeMs > now) soonestMs = Math.min(soonestMs, notBeforeMs);
      else if (this.#busy.size < bounds.conversationsSentAtOnce) {
        this.#busy.add(key);
        void this.#deliver(key, item.clientId);
      }
    }
    if (soonestMs < Infinity) this.#wakeUp = this.#core.after(soonestMs - now, () => this.wake());
  }

  /** The first message of every conversation that is neither failed nor answered. */
  #heads(): Map<string, OutboxItem> {
    const heads = new Map<string, OutboxItem>();
    for (const item of this.#core.app.outbox) {
      const key = queueKey(item);
      const isWaiting = item.status === 'queued' || item.status === 'sending';
      if (!isWaiting || this.#progress.get(item.clientId)?.isAnswered !== false) continue;
      if (!heads.has(key)) heads.set(key, item);
    }
    return heads;
  }

  async #deliver(key: string, clientId: string): Promise<void> {
    const signal = this.#core.sessionSignal();
    const { locks } = this.#core.ports;
    const send = () => this.#sendIfThere(clientId, signal);
    const answer = await (locks === null ? send() : locks.hold(`aside.${key}`, signal, send)).catch(
      (cause: unknown) => {
        // The one way a lock is refused: the session ended while waiting for it.
        if (signal.aborted) return null;
        throw cause;
      },
    );
    if (signal.aborted) return;
    this.#busy.delete(key);
    if (answer !== null) this.#settle(clientId, answer);
    this.wake();
  }

  async #sendIfThere(clientId: string, signal: AbortSignal): Promise<Outcome<SendAnswer> | null> {
    const item = this.#find(clientId);
    const progress = this.#progress.get(clientId);
    if (signal.aborted || item === undefined || progress === undefined) return null;
    if (progress.isShelved && this.#shelf.readItem(clientId) === null) {
      // Another tab was faster, or this browser was signed out.
      this.#progress.delete(clientId);
      this.#core.dispatch({ type: 'outbox-removed', clientId });
      return null;
    }
    this.#core.dispatch({ type: 'outbox-changed', clientId, status: 'sending', problem: null });
    const { api } = this.#core.net;
    const body = { clientId, text: item.text };
    const answer =
      item.conversationId === null
        ? await api.sendTo(item.to ?? '', body)
        : await api.send(item.conversationId, body);
    // Taken from the shelf before the lock is let go, so that the tab behind us does not send it again.
    if (answer.ok && !signal.aborted) this.#shelf.removeItem(clientId);
    return answer;
  }

  #settle(clientId: string, answer: Outcome<SendAnswer>): void {
    const item = this.#find(clientId);
    const progress = this.#progress.get(clientId);
    if (answer.ok) {
      if (progress !== undefined) Object.assign(progress, { isAnswered: true, isShelved: false });
      this.#core.dispatch({ type: 'sent', answer: answer.value });
      this.#readdress();
      return;
    }
    // The message came back over the socket while HTTP lost its answer: it is sent.
    if (item === undefined || progress === undefined) return;
    const { problem } = answer;
    progress.tries += 1;
    const isServerError = problem.code === 'internal' || problem.code === 'unknown';
    const isGivenUp = isServerError && progress.tries >= serverErrorTries;
    const staysQueued = problem.code === 'unauthenticated' || (isTemporary(problem) && !isGivenUp);
    progress.notBeforeMs = staysQueued
      ? this.#core.ports.clock.now() + this.#waitMs(problem, progress)
      : 0;
    const status = staysQueued ? 'queued' : problem.code === 'held' ? 'held' : 'failed';
    // While it is tried by itself there is nothing for the person to do, and nothing to say.
    const shown = staysQueued ? null : problem;
    this.#core.dispatch({ type: 'outbox-changed', clientId, status, problem: shown });
    const changed = this.#find(clientId);
    if (changed !== undefined)
      progress.isShelved = this.#shelf.putItem(changed, progress.notBeforeMs);
    if (staysQueued) return;
    // How the two stand may be why, and is now known to be otherwise than shown.
    const { conversationId, to } = changed ?? item;
    if (conversationId !== null) this.#core.fulfil({ want: 'conversation', conversationId });
    else if (to !== null) this.#core.fulfil({ want: 'profile', username: to });
  }

  #waitMs(problem: Problem, progress: Progress): number {
    if (problem.retryAfterMs !== undefined) {
      progress.tries = 0;
      return problem.retryAfterMs;
    }
    const topMs = Math.min(delaysMs.retryMax, delaysMs.retryFirst * 2 ** (progress.tries - 1));
    return topMs / 2 + (topMs / 2) * this.#core.ports.random();
  }

  /** A first answer named the conversation; what waits behind it is kept under that name. */
  #readdress(): void {
    for (const item of this.#core.app.outbox) {
      const progress = this.#progress.get(item.clientId);
      if (progress?.isShelved !== true || item.to === null || item.conversationId === null)
        continue;
      this.#shelf.putItem(item, progress.notBeforeMs);
    }
  }

  #refuseToKeep(item: OutboxItem): string {
    const problem: Problem = {
      code: 'overloaded',
      detail: 'Too many messages are waiting. Send this one again when they are gone.',
    };
    const overflow = this.#core.app.outbox.filter((other) => !this.#progress.has(other.clientId));
    const oldest = overflow[0];
    if (oldest !== undefined && overflow.length >= bounds.outboxOverflow) {
      this.#core.dispatch({ type: 'outbox-removed', clientId: oldest.clientId });
    }
    this.#core.dispatch({ type: 'outbox-added', item: { ...item, status: 'failed', problem } });
    return item.clientId;
  }

  #remember(item: OutboxItem, notBeforeMs: number, isShelved: boolean): void {
    this.#progress.set(item.clientId, {
      tries: 0,
      notBeforeMs,
      isAnswered: false,
      isShelved,
      isHeld: item.status === 'held',
    });
  }

  #forget(clientId: string): void {
    this.#progress.delete(clientId);
    this.#shelf.removeItem(clientId);
  }

  #find(clientId: string): OutboxItem | undefined {
    return this.#core.app.outbox.find((item) => item.clientId === clientId);
  }
}

function queueKey(item: OutboxItem): string {
  return item.conversationId ?? `@${item.to ?? ''}`;
}

function addressOf(
  target: { conversationId: string } | { to: string },
  directs: ReadonlyMap<string, string>,
): Pick<OutboxItem, 'conversationId' | 'to'> {
  if ('conversationId' in target) return { conversationId: target.conversationId, to: null };
  const to = target.to.replace(/^@/, '').toLowerCase();
  return { conversationId: directs.get(to) ?? null, to };
}
