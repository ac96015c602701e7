import type { Contact, Conversation, Message, RequestAction, Tick } from '@aside/protocol';
import { gone, LayeredMap, type Change } from './layered-map.ts';
import { listsOf, type Source } from './lists.ts';
import type { AppState, InboxList, ListName, Timeline } from './model.ts';

// What the store knows: the state that views see, and beside it what keeps that state right. `Draft` gathers
// the changes of one event, copies only what is touched, and leaves untouched parts their identity.

/** Where a row stands in a list: latest activity first, then the higher id. */
export interface Spot {
  lastActivityAt: string;
  id: string;
}

/** How far down the loaded pages of a list reach. */
export type Reached = 'nothing' | 'everything' | Spot;

/** A decision on its way to the server. What is shown is the row as if it were carried out; this is what it stands on. */
export interface Decision {
  action: RequestAction | 'unaccept';
  truth: Conversation;
  /** The row when it was decided; news since then may be about something else. */
  begun: Conversation;
}

export interface Known {
  app: AppState;
  /** The highest change of mine that this device has certainly seen; the next `hello` carries it. */
  pos: number | null;
  /** What inbox and tick frames covered since the welcome, while the first snapshot is still on its way. */
  heardPos: number;
  reached: Readonly<Record<Source, Reached>>;
  /** Direct conversations by the other's username. */
  directs: ReadonlyMap<string, string>;
  /** Conversations on screen: their gaps are filled at once. */
  opened: ReadonlySet<string>;
  /** Ticks of conversations that are not loaded; a page on its way may be older than they are. */
  strays: ReadonlyMap<string, Tick>;
  /** By conversation. */
  deciding: ReadonlyMap<string, Decision>;
  /** The message edited last, by conversation: a page on its way may be older than the edit. */
  revised: ReadonlyMap<string, Message>;
  /** The latest question whose answer told how many requests wait; an earlier one's answer is too old. */
  countsAsked: number;
  /** Requests came or went beyond what is loaded, and the server was not asked yet. */
  areCountsStale: boolean;
}

/** What the pure part asks the store to fetch or to time. */
export type Want =
  | { want: 'messages-after'; conversationId: string }
  | { want: 'newest-messages'; conversationId: string }
  | { want: 'conversation'; conversationId: string }
  | { want: 'typing-end'; conversationId: string; personId: string }
  /** No catch-up comes on this connection: load what is shown afresh; it then covers `pos`. */
  | { want: 'snapshot'; pos: number }
  /** The requests that wait are not all loaded, and some came or went. */
  | { want: 'request-counts' }
  | { want: 'profile'; username: string }
  | { want: 'me' }
  | { want: 'another-person' };

const emptyList: InboxList = { status: 'loading', order: [], nextCursor: null, loadingMore: false };

export function nothingKnown(session: AppState['session']): Known {
  return {
    app: {
      session,
      connection: 'connecting',
      me: null,
      settings: null,
      conversations: LayeredMap.empty<string, Conversation>(),
      folders: {
        inbox: emptyList,
        offers: emptyList,
        requests: emptyList,
        quiet: emptyList,
        archive: emptyList,
      },
      unreadConversations: 0,
      unreadOffers: 0,
      requestCounts: { waiting: 0, quiet: 0 },
      timelines: new Map(),
      outbox: [],
      profiles: new Map(),
      drafts: new Map(),
      typing: new Map(),
    },
    pos: null,
    heardPos: 0,
    reached: { inbox: 'nothing', requests: 'nothing', quiet: 'nothing', archive: 'nothing' },
    directs: LayeredMap.empty<string, string>(),
    opened: new Set(),
    strays: new Map(),
    deciding: new Map(),
    revised: new Map(),
    countsAsked: 0,
    areCountsStale: false,
  };
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

export class Draft {
  readonly app: Writable<AppState>;
  readonly known: Writable<Known>;
  readonly wants: Want[] = [];
  readonly #before: Known;
  readonly #rows = new Map<string, Change<Conversation>>();
  readonly #directs = new Map<string, Change<string>>();
  readonly #orders = new Map<ListName, string[]>();
  #timelines: Map<string, Timeline> | null = null;
  #strays: Map<string, Tick> | null = null;

  constructor(before: Known) {
    this.#before = before;
    this.app = { ...before.app };
    this.known = { ...before };
  }

  row(id: string): Conversation | undefined {
    const change = this.#rows.get(id);
    if (change === undefined) return this.#before.app.conversations.get(id);
    return change === gone ? undefined : change;
  }

  setRow(row: Conversation): void {
    this.#rows.set(row.id, row);
  }

  removeRow(id: string): void {
    this.#rows.set(id, gone);
  }

  /** Every row, those changed by this event included. */
  *rows(): Iterable<Conversation> {
    for (const row of this.#before.app.conversations.values()) {
      if (!this.#rows.has(row.id)) yield row;
    }
    for (const change of this.#rows.values()) if (change !== gone) yield change;
  }

  setDirect(username: string, id: string | null): void {
    if (id === null) this.#directs.set(username, gone);
    else if (this.#before.directs.get(username) !== id) this.#directs.set(username, id);
  }

  order(list: ListName): readonly string[] {
    return this.#orders.get(list) ?? this.app.folders[list].order;
  }

  orderToWrite(list: ListName): string[] {
    const order = this.#orders.get(list) ?? [...this.app.folders[list].order];
    this.#orders.set(list, order);
    return order;
  }

  setOrder(list: ListName, order: string[]): void {
    this.#orders.set(list, order);
  }

  /** Changes what is true of the pages of a source, for every list that comes by them. */
  changeSource(source: Source, change: Partial<Omit<InboxList, 'order'>>): void {
    for (const list of listsOf(source)) this.#changeList(list, change);
  }

  #changeList(list: ListName, change: Partial<InboxList>): void {
    const changed = { ...this.app.folders[list], ...change };
    this.app.folders = { ...this.app.folders, [list]: changed };
  }

  /** The row as the server last told it; differs from what is shown while a decision is on its way. */
  truth(id: string): Conversation | undefined {
    return this.known.deciding.get(id)?.truth ?? this.row(id);
  }

  setDecision(id: string, decision: Decision | null): void {
    const deciding = new Map(this.known.deciding);
    if (decision === null) deciding.delete(id);
    else deciding.set(id, decision);
    this.known.deciding = deciding;
  }

  timeline(id: string): Timeline | undefined {
    return (this.#timelines ?? this.#before.app.timelines).get(id);
  }

  setTimeline(id: string, timeline: Timeline): void {
    this.#timelines ??= new Map(this.#before.app.timelines);
    this.#timelines.set(id, timeline);
  }

  setContact(id: string, contact: Contact): void {
    const timeline = this.timeline(id);
    if (timeline !== undefined) this.setTimeline(id, { ...timeline, contact });
  }

  /** Those kept, the one unused for longest first. */
  timelineIds(): string[] {
    return [...(this.#timelines ?? this.#before.app.timelines).keys()];
  }

  removeTimeline(id: string): void {
    this.#timelines ??= new Map(this.#before.app.timelines);
    this.#timelines.delete(id);
  }

  strays(): ReadonlyMap<string, Tick> {
    return this.#strays ?? this.#before.strays;
  }

  straysToWrite(): Map<string, Tick> {
    this.#strays ??= new Map(this.#before.strays);
    return this.#strays;
  }

  /** Own messages that the server has are no longer waiting in the outbox. */
  dropSent(messages: readonly Message[]): void {
    if (this.app.outbox.length === 0) return;
    const myId = this.app.me?.id;
    const arrived = new Set<string>();
    for (const message of messages) {
      if (message.senderId === myId && message.clientId !== undefined)
        arrived.add(message.clientId);
    }
    if (!this.app.outbox.some((item) => arrived.has(item.clientId))) return;
    this.app.outbox = this.app.outbox.filter((item) => !arrived.has(item.clientId));
  }

  want(want: Want): void {
    this.wants.push(want);
  }

  finish(): Known {
    const { app, known } = this;
    if (this.#rows.size > 0) {
      app.conversations = (app.conversations as LayeredMap<string, Conversation>).with(this.#rows);
    }
    if (this.#directs.size > 0) {
      known.directs = (known.directs as LayeredMap<string, string>).with(this.#directs);
    }
    for (const [list, order] of this.#orders) this.#changeList(list, { order });
    this.#countRequests();
    if (this.#timelines !== null) app.timelines = this.#timelines;
    if (this.#strays !== null) known.strays = this.#strays;
    known.app = isShallowEqual(app, this.#before.app) ? this.#before.app : app;
    return isShallowEqual(known, this.#before) ? this.#before : known;
  }

  /** What was moved back lies there too, but waits for no decision. */
  #pendingIn({ order }: InboxList): number {
    return order.filter((id) => this.app.conversations.get(id)?.state === 'pending').length;
  }

  /** A list that is loaded to its end counts itself; of others the server knows. */
  #countRequests(): void {
    const { reached, deciding } = this.known;
    const { requests, quiet } = this.app.folders;
    const { requestCounts } = this.app;
    const isWhole = (source: Source) => reached[source] === 'everything';
    const waiting = isWhole('requests') ? this.#pendingIn(requests) : requestCounts.waiting;
    const aside = isWhole('quiet') ? this.#pendingIn(quiet) : requestCounts.quiet;
    if (waiting !== requestCounts.waiting || aside !== requestCounts.quiet) {
      this.app.requestCounts = { waiting, quiet: aside };
    }
    if (isWhole('requests') && isWhole('quiet')) this.known.areCountsStale = false;
    // The server would still count what is being decided.
    if (!this.known.areCountsStale || deciding.size > 0) return;
    this.known.areCountsStale = false;
    this.want({ want: 'request-counts' });
  }
}

export function isShallowEqual<T extends object>(left: T, right: T): boolean {
  const keys = Object.keys(left) as (keyof T)[];
  return keys.length === Object.keys(right).length && keys.every((key) => left[key] === right[key]);
}
