import type { Me } from '@aside/protocol';
import type { Core } from './core.ts';
import { delaysMs } from './limits.ts';
import type { AppState, Outcome, SignUp } from './model.ts';
import type { Held } from './held.ts';
import type { Outbox } from './outbox.ts';
import type { ReadMarks } from './read-marks.ts';
import type { Shelf } from './shelf.ts';
import type { Sync } from './sync.ts';
import type { Typing } from './typing.ts';

// Who is at this page: coming in, going out, and being put out from elsewhere.

export interface Parts {
  sync: Sync;
  outbox: Outbox;
  held: Held;
  reads: ReadMarks;
  typing: Typing;
  shelf: Shelf;
}

const done: Outcome = { ok: true, value: undefined };

export class Session {
  readonly #core: Core;
  readonly #parts: Parts;
  #tries = 0;
  /** The session ends or is replaced by our own doing: the server's goodbye is no news. */
  #isOwnDoing = false;

  constructor(core: Core, parts: Parts) {
    this.#core = core;
    this.#parts = parts;
  }

  /** Asks who is signed in. While nobody answers, asks again by itself. */
  async findOut(): Promise<void> {
    const core = this.#core;
    const signal = core.sessionSignal();
    const answer = await core.net.api.me();
    // Two askers at once (a timer and `online`): the first answer counts.
    if (signal.aborted) return;
    if (answer.ok) return this.#enter(answer.value);
    if (answer.problem.code === 'unauthenticated') {
      if (core.app.session === 'signed-in') this.#leave('ended-elsewhere');
      else core.dispatch({ type: 'session', session: 'signed-out' });
      return;
    }
    if (!core.ports.network.isOnline())
      core.dispatch({ type: 'connection', connection: 'offline' });
    const topMs = Math.min(delaysMs.retryMax, delaysMs.retryFirst * 2 ** this.#tries);
    this.#tries = Math.min(this.#tries + 1, 10);
    core.after(topMs / 2 + (topMs / 2) * core.ports.random(), () => this.askAgain());
  }

  /** The network or the page came back while it was not known who is here. */
  askAgain(): void {
    if (this.#core.app.session === 'unknown') void this.findOut();
  }

  /** The server no longer knows this session: a 401, or the socket was told to sign in again. */
  ended(): void {
    if (!this.#isOwnDoing && this.#core.app.session === 'signed-in') this.#leave('ended-elsewhere');
  }

  /** The cookie of this browser belongs to somebody else by now. */
  async restart(): Promise<void> {
    this.#leave('unknown');
    await this.findOut();
  }

  /** Another tab signed in or out. */
  async ownerChanged(personId: string | null): Promise<void> {
    const { session, me } = this.#core.app;
    if (personId === null) {
      if (session === 'signed-in' && !this.#isOwnDoing) this.#leave('signed-out');
      return;
    }
    if (personId !== me?.id) await this.restart();
  }

  /** Ends everything under way; what is known stays, for a later start. */
  suspend(): void {
    this.#parts.reads.flush();
    this.#endWork();
  }

  async signUp(details: SignUp): Promise<Outcome> {
    const answer = await this.#core.net.accounts.signUp(details);
    return answer.ok ? await this.#cameIn() : answer;
  }

  async signIn(login: string, password: string): Promise<Outcome<'done' | 'totp'>> {
    const answer = await this.#core.net.accounts.signIn(login, password);
    if (!answer.ok || answer.value === 'totp') return answer;
    await this.#cameIn();
    return answer;
  }

  async verifyTotp(code: string): Promise<Outcome> {
    const answer = await this.#core.net.accounts.verifySecondFactor(code);
    return answer.ok ? await this.#cameIn() : answer;
  }

  async signOut(): Promise<Outcome> {
    this.#parts.reads.flush();
    return await this.#leaveBy(() => this.#core.net.accounts.signOut());
  }

  async deleteAccount(): Promise<Outcome> {
    return await this.#leaveBy(() => this.#core.net.api.deleteMe());
  }

  async confirmTotp(code: string): Promise<Outcome> {
    return await this.#renewBy(() => this.#core.net.accounts.verifySecondFactor(code));
  }

  async disableTotp(password: string): Promise<Outcome> {
    return await this.#renewBy(() => this.#core.net.accounts.disableTotp(password));
  }

  async #cameIn(): Promise<Outcome> {
    this.#core.net.renewSession();
    await this.findOut();
    return done;
  }

  #enter(me: Me): void {
    const { sync, outbox, held, shelf } = this.#parts;
    const core = this.#core;
    this.#tries = 0;
    if (core.app.me !== null && core.app.me.id !== me.id) this.#leave('unknown');
    shelf.claim(me.id);
    core.dispatch({ type: 'signed-in', me });
    core.dispatch({ type: 'drafts-loaded', drafts: shelf.listDrafts() });
    outbox.open();
    core.net.socket.start();
    sync.begin();
    held.look();
  }

  async #leaveBy(ask: () => Promise<Outcome<unknown>>): Promise<Outcome> {
    this.#isOwnDoing = true;
    try {
      const answer = await ask();
      if (!answer.ok && answer.problem.code !== 'unauthenticated') return answer;
      this.#leave('signed-out');
      this.#parts.shelf.clear();
      return done;
    } finally {
      this.#isOwnDoing = false;
      this.#reviveSocket();
    }
  }

  /** Switching the second step on or off makes the server replace this session by a new one. */
  async #renewBy(ask: () => Promise<Outcome<unknown>>): Promise<Outcome> {
    this.#isOwnDoing = true;
    this.#core.net.socket.stop();
    try {
      const answer = await ask();
      if (!answer.ok) return answer;
      this.#core.net.renewSession();
      return done;
    } finally {
      this.#isOwnDoing = false;
      this.#reviveSocket();
    }
  }

  #reviveSocket(): void {
    if (this.#core.app.session === 'signed-in') this.#core.net.socket.start();
  }

  #leave(session: AppState['session']): void {
    this.#endWork();
    this.#core.dispatch({ type: 'session', session });
  }

  #endWork(): void {
    const { sync, outbox, held, reads, typing } = this.#parts;
    outbox.close();
    held.clear();
    reads.clear();
    typing.clear();
    sync.reset();
    this.#core.endSession();
  }
}
