import type { ConversationView } from '@aside/protocol';
import type { Core } from './core.ts';
import { Errands, isTemporary, type ErrandEnd } from './errands.ts';
import type { Want } from './known.ts';
import { bounds, delaysMs } from './limits.ts';
import { pagesOf, sourceOf, type Source } from './lists.ts';
import type { ListName, Outcome, Problem } from './model.ts';
import { lastSeq } from './want-missing.ts';

// Fetches what the state lacks: lists, rows, and the messages between what is shown and what is new.

/** Quiet requests wait until somebody looks at them. */
const loadedAtFirst: readonly Source[] = ['inbox', 'requests', 'archive'];

export class Sync {
  readonly #core: Core;
  readonly #errands: Errands;
  /** The welcome's pos while this connection has no catch-up: what a first page asked for now covers. */
  #snapshotPos: number | null = null;

  #asked = 0;
  #slotsTaken = 0;
  #slotQueue: (() => void)[] = [];

  constructor(core: Core) {
    this.#core = core;
    this.#errands = new Errands(core);
  }

  /** The first lists of a session. Waits a moment for the welcome, so that one load serves as the snapshot. */
  begin(): void {
    this.#loadSettings();
    this.#core.after(delaysMs.welcomeWait, () => {
      for (const source of loadedAtFirst) {
        if (this.#core.app.folders[source].status === 'loading') void this.#loadFirst(source);
      }
    });
  }

  /** The session is over: nothing asked for before concerns the next one. */
  reset(): void {
    this.#errands.clear();
    this.#slotsTaken = 0;
    this.#slotQueue = [];
    this.#snapshotPos = null;
  }

  connectionLost(): void {
    this.#snapshotPos = null;
  }

  welcomed(): void {
    this.#errands.payOwed();
    for (const id of this.#core.known.opened) {
      const timeline = this.#core.app.timelines.get(id);
      if (timeline?.status === 'failed' && timeline.problem?.code !== 'not_found') {
        void this.openConversation(id);
      }
    }
  }

  snapshot(pos: number): void {
    this.#snapshotPos = pos;
    for (const source of loadedAtFirst) void this.#loadFirst(source);
    const isQuietAsked = this.#core.known.reached.quiet !== 'nothing';
    if (isQuietAsked || this.#errands.isRunning('list quiet')) void this.#loadFirst('quiet');
    this.#loadUnread();
    for (const id of this.#core.app.timelines.keys()) this.fetchConversation(id);
  }

  fulfilSync(want: Extract<Want, { conversationId: string }>): void {
    const id = want.conversationId;
    if (want.want === 'conversation') this.fetchConversation(id);
    else if (want.want === 'messages-after') {
      void this.#errands.run(`after ${id}`, () => this.#pullAfter(id));
    } else if (want.want === 'newest-messages') {
      void this.#errands.run(`newest ${id}`, () => this.#pullNewest(id));
    }
  }

  refreshMe(): void {
    void this.#errands.run('me', async () => {
      const { api } = this.#core.net;
      const signal = this.#core.sessionSignal();
      const [me, settings] = await Promise.all([api.me(), api.settings()]);
      if (signal.aborted) return 'done';
      if (me.ok) this.#core.dispatch({ type: 'me', me: me.value });
      if (settings.ok) this.#core.dispatch({ type: 'settings', settings: settings.value });
      return me.ok && settings.ok ? 'done' : 'temporary';
    });
  }

  async loadMore(name: ListName): Promise<void> {
    const source = sourceOf(name);
    const list = this.#core.app.folders[source];
    if (this.#core.app.session !== 'signed-in' || this.#errands.isRunning(`list ${source}`)) return;
    if (list.status !== 'ready') return await this.#loadFirst(source);
    const cursor = list.nextCursor;
    if (cursor === null) return;
    await this.#errands.run(`list ${source}`, async () => {
      // A reload may have moved the end of the list while this waited.
      if (this.#core.app.folders[source].nextCursor !== cursor) return 'done';
      return await this.#loadPage(source, cursor);
    });
  }

  fetchCounts(): void {
    void this.#errands.run('request counts', async () => {
      const signal = this.#core.sessionSignal();
      const asked = ++this.#asked;
      const answer = await this.#core.net.api.requestCounts();
      if (answer.ok && !signal.aborted)
        this.#core.dispatch({ type: 'request-counts', counts: answer.value, asked });
      return endOf(answer);
    });
  }

  async openConversation(id: string): Promise<Outcome<ConversationView>> {
    const core = this.#core;
    const signal = core.sessionSignal();
    core.dispatch({ type: 'opened', conversationId: id });
    const isLoaded = core.app.timelines.get(id)?.status === 'ready';
    if (!isLoaded)
      core.dispatch({ type: 'timeline-loading', conversationId: id, direction: 'newest' });
    const [answer, messages] = await Promise.all([
      core.net.api.conversation(id),
      isLoaded ? null : core.net.api.messages(id, { limit: bounds.messagePage }),
    ]);
    if (signal.aborted) return answer.ok ? { ok: true, value: answer.value.conversation } : answer;
    const problem = answer.ok ? (messages?.ok === false ? messages.problem : null) : answer.problem;
    if (!answer.ok && answer.problem.code === 'not_found') {
      core.dispatch({ type: 'conversation-gone', conversationId: id });
    }
    if (problem !== null) core.dispatch({ type: 'timeline-failed', conversationId: id, problem });
    if (messages?.ok === true) {
      const page = messages.value;
      core.dispatch({ type: 'timeline-page', conversationId: id, direction: 'newest', page });
    }
    if (!answer.ok) {
      if (isTemporary(answer.problem)) this.fetchConversation(id);
      return answer;
    }
    core.dispatch({ type: 'conversation', view: answer.value.conversation });
    return { ok: true, value: answer.value.conversation };
  }

  async loadBefore(id: string): Promise<void> {
    const timeline = this.#core.app.timelines.get(id);
    const anchor = timeline?.messages[0]?.seq;
    if (timeline?.status !== 'ready' || anchor === undefined) return;
    if (!timeline.hasBefore || timeline.loadingBefore) return;
    this.#core.dispatch({ type: 'timeline-loading', conversationId: id, direction: 'before' });
    await this.#loadBeside(id, 'before', anchor, bounds.messagePage);
  }

  async loadAfter(id: string): Promise<void> {
    const timeline = this.#core.app.timelines.get(id);
    if (timeline?.status !== 'ready' || !timeline.hasAfter) return;
    await this.#errands.run(`after ${id}`, () => this.#pullAfter(id));
  }

  async jumpToNewest(id: string): Promise<void> {
    const timeline = this.#core.app.timelines.get(id);
    if (timeline === undefined || (timeline.status === 'ready' && !timeline.hasAfter)) return;
    await this.#errands.run(`newest ${id}`, () => this.#pullNewest(id));
  }

  fetchConversation(id: string): void {
    void this.#errands.run(`conversation ${id}`, async () => {
      const signal = this.#core.sessionSignal();
      await this.#slot();
      if (signal.aborted) return 'done';
      const answer = await this.#core.net.api.conversation(id);
      if (signal.aborted) return 'done';
      this.#freeSlot();
      if (answer.ok) this.#core.dispatch({ type: 'conversation', view: answer.value.conversation });
      else if (answer.problem.code === 'not_found') {
        this.#core.dispatch({ type: 'conversation-gone', conversationId: id });
      }
      return endOf(answer);
    });
  }

  /** Rows are fetched a few at a time, so that a burst of news does not crowd out what the person asked for. */
  #slot(): Promise<void> {
    if (this.#slotsTaken < bounds.rowsFetchedAtOnce) {
      this.#slotsTaken += 1;
      return Promise.resolve();
    }
    return new Promise((resolve) => this.#slotQueue.push(resolve));
  }

  #freeSlot(): void {
    const next = this.#slotQueue.shift();
    if (next === undefined) this.#slotsTaken -= 1;
    else next();
  }

  #loadFirst(source: Source): Promise<void> {
    return this.#errands.run(`list ${source}`, () => this.#loadPage(source, null));
  }

  /** Unread conversations far down the list count on the badge before anybody scrolls there. */
  #loadUnread(): void {
    void this.#errands.run('unread', async () => {
      const signal = this.#core.sessionSignal();
      const answer = await this.#core.net.api.unreadConversations(bounds.unreadRows);
      if (answer.ok && !signal.aborted) {
        this.#core.dispatch({ type: 'rows', rows: answer.value.conversations });
      }
      return endOf(answer);
    });
  }

  #loadSettings(): void {
    void this.#errands.run('settings', async () => {
      const signal = this.#core.sessionSignal();
      const answer = await this.#core.net.api.settings();
      if (answer.ok && !signal.aborted)
        this.#core.dispatch({ type: 'settings', settings: answer.value });
      return endOf(answer);
    });
  }

  async #loadPage(source: Source, cursor: string | null): Promise<ErrandEnd> {
    const core = this.#core;
    const signal = core.sessionSignal();
    const snapshotPos = this.#snapshotPos;
    const asked = ++this.#asked;
    core.dispatch({ type: 'list-loading', source });
    const { folder, ...part } = pagesOf(source);
    const answer = await core.net.api.conversations(folder, {
      cursor,
      limit: bounds.inboxPage,
      ...part,
    });
    if (signal.aborted) return 'done';
    if (answer.ok) {
      const isFirst = cursor === null;
      core.dispatch({ type: 'list-page', source, page: answer.value, asked, snapshotPos, isFirst });
      const { order, nextCursor: next } = core.app.folders[source];
      // Offers may fill a page of the inbox and leave nothing to show in it.
      const isBare = source === 'inbox' && order.length < bounds.inboxRowsAtLeast;
      if (isBare && next !== null) return await this.#loadPage(source, next);
    } else core.dispatch({ type: 'list-failed', source });
    return endOf(answer);
  }

  async #pullAfter(id: string): Promise<ErrandEnd> {
    const timeline = this.#core.app.timelines.get(id);
    if (timeline?.status !== 'ready') return 'done';
    return await this.#loadBeside(id, 'after', lastSeq(timeline), bounds.pullPage);
  }

  async #loadBeside(
    id: string,
    direction: 'before' | 'after',
    anchor: number,
    limit: number,
  ): Promise<ErrandEnd> {
    const core = this.#core;
    const signal = core.sessionSignal();
    const answer = await core.net.api.messages(id, { [direction]: anchor, limit });
    if (signal.aborted) return 'done';
    if (answer.ok) {
      core.dispatch({
        type: 'timeline-page',
        conversationId: id,
        direction,
        anchor,
        page: answer.value,
      });
    } else this.#failTimeline(id, answer.problem);
    return endOf(answer);
  }

  async #pullNewest(id: string): Promise<ErrandEnd> {
    const core = this.#core;
    const signal = core.sessionSignal();
    core.dispatch({ type: 'timeline-loading', conversationId: id, direction: 'newest' });
    const answer = await core.net.api.messages(id, { limit: bounds.messagePage });
    if (signal.aborted) return 'done';
    if (answer.ok) {
      const page = answer.value;
      core.dispatch({ type: 'timeline-page', conversationId: id, direction: 'newest', page });
    } else this.#failTimeline(id, answer.problem);
    return endOf(answer);
  }

  #failTimeline(id: string, problem: Problem): void {
    this.#core.dispatch({ type: 'timeline-failed', conversationId: id, problem });
  }
}

function endOf(answer: Outcome<unknown>): ErrandEnd {
  return !answer.ok && isTemporary(answer.problem) ? 'temporary' : 'done';
}
