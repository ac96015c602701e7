import type {
  Contact,
  Conversation,
  HeldMessage,
  Message,
  Place,
  Purpose,
  ServerFrame,
  State,
  Tick,
} from '@aside/protocol';
import type { ManualTime } from '../../platform/memory.ts';
import type { SocketConnection, SocketEvents } from '../../platform/ports.ts';

// The far side: a small model of the Aside server in memory. It keeps the promises of the contract (dense seq,
// exactly once by client id, pos per person, catch-up by pos) and can lose, repeat and delay like a bad network.

interface Talk {
  id: string;
  members: string[];
  messages: Message[];
  createdAt: string;
}

interface InboxRow {
  folder: Place;
  state: State;
  quiet: boolean;
  readSeq: number;
  muted: boolean;
  lastActivityAt: string;
  pos: number;
}

interface Person {
  id: string;
  username: string;
  pos: number;
  rows: Map<string, InboxRow>;
  isSignedIn: boolean;
  /** What the brake keeps back, by client id. */
  held: Map<string, HeldMessage>;
}

interface Live {
  personId: string;
  events: SocketEvents;
  isLive: boolean;
  isClosed: boolean;
  held: ServerFrame[];
  /** Conversations whose tick waits to go out together with the next. */
  unticked: Set<string>;
}

/** What may go wrong; each answers anew for every occasion. */
export interface Weather {
  message: () => 'send' | 'lose' | 'repeat' | 'hold';
  tick: () => 'send' | 'later';
  /** 'lost': the request never arrives. 'unanswered': it is carried out and the answer is lost. */
  http: (method: string, path: string) => 'answer' | 'lost' | 'unanswered' | Response;
  latencyMs: () => number;
}

export const fairWeather: Weather = {
  message: () => 'send',
  tick: () => 'send',
  http: () => 'answer',
  latencyMs: () => 0,
};

export class FakeServer {
  weather: Weather = fairWeather;
  readonly people = new Map<string, Person>();
  readonly talks = new Map<string, Talk>();
  readonly sockets = new Set<Live>();
  /** Every request and client frame, in order of arrival. */
  readonly requests: string[] = [];
  readonly frames: { personId: string; frame: { t: string } & Record<string, unknown> }[] = [];
  catchUpRows = 3;
  /** Folders answer with everything at once. */
  hasOnePage = false;
  contact: Contact = { allowed: true, arrives: 'inbox' };
  /** Whether the next request comes without a badge. */
  quietNext = false;
  readonly #time: ManualTime;
  #lastId = 100;

  constructor(time: ManualTime) {
    this.#time = time;
  }

  addPerson(username: string): Person {
    const person: Person = {
      id: String(++this.#lastId),
      username,
      pos: 0,
      rows: new Map(),
      isSignedIn: true,
      held: new Map(),
    };
    this.people.set(person.id, person);
    return person;
  }

  addTalk(...members: Person[]): string {
    const id = String(++this.#lastId);
    const createdAt = this.#now();
    this.talks.set(id, {
      id,
      members: members.map((member) => member.id),
      messages: [],
      createdAt,
    });
    for (const member of members) this.change(member.id, id, {});
    return id;
  }

  /** A conversation that begins with `text` in the requests of `to`, as an act of `from`. */
  addRequest(from: Person, to: Person, text: string, quiet = false): string {
    const id = String(++this.#lastId);
    this.talks.set(id, {
      id,
      members: [from.id, to.id],
      messages: [],
      createdAt: this.#now(),
    });
    this.quietNext = quiet;
    this.say(id, from.id, text);
    return id;
  }

  say(
    talkId: string,
    senderId: string,
    text: string,
    clientId?: string,
    purpose: Purpose = 'personal',
  ): Message {
    const talk = this.#talk(talkId);
    const known = talk.messages.find((m) => m.clientId === clientId && m.senderId === senderId);
    if (clientId !== undefined && known !== undefined) return known;
    const message: Message = {
      id: String(++this.#lastId),
      conversationId: talkId,
      seq: talk.messages.length + 1,
      senderId,
      text,
      createdAt: this.#now(),
      ...(clientId !== undefined && { clientId }),
      origin: 'interactive',
      purpose,
    };
    talk.messages.push(message);
    const isRequest = talk.members.some((id) => id !== senderId && this.#isClosedTo(id, talkId));
    const arrived = isRequest ? 'requests' : 'inbox';
    for (const memberId of talk.members) {
      const row = this.#person(memberId).rows.get(talkId);
      const isMine = memberId === senderId;
      this.#setRow(memberId, talkId, {
        lastActivityAt: message.createdAt,
        ...(row?.folder === 'archive' && { folder: 'inbox' as const }),
        ...(!isMine &&
          isRequest && {
            folder: 'requests' as const,
            state: 'pending' as const,
            quiet: this.quietNext,
          }),
        ...(isMine && {
          readSeq: message.seq,
          folder: 'inbox' as const,
          state: 'accepted' as const,
          quiet: false,
        }),
      });
    }
    // Told only once it is done: whoever asks back finds it so.
    for (const memberId of talk.members) {
      this.#show(memberId, { t: 'message', conversationId: talkId, message, arrived });
      this.#tickRow(memberId, talkId);
    }
    return message;
  }

  /** Nothing of the other's was ever asked for, or not any more. */
  #isClosedTo(personId: string, talkId: string): boolean {
    const row = this.#person(personId).rows.get(talkId);
    if (row === undefined || row.folder === 'closed') return true;
    return row.folder === 'requests' && row.state !== 'accepted';
  }

  /** What a person does about a conversation; false when there is nothing to decide. */
  decide(personId: string, talkId: string, action: string): boolean {
    const row = this.#person(personId).rows.get(talkId);
    if (action === 'unaccept') {
      if (row?.state !== 'accepted' || row.folder === 'closed') return false;
      this.change(personId, talkId, { folder: 'requests', state: 'none' });
      return true;
    }
    if (row?.folder !== 'requests') return false;
    if (action === 'accept') {
      this.change(personId, talkId, { folder: 'inbox', state: 'accepted', quiet: false });
      for (const id of this.#talk(talkId).members) {
        if (id === personId) continue;
        this.#show(id, { t: 'changed', conversationId: talkId, rev: 1 });
        this.change(id, talkId, {});
      }
    } else this.change(personId, talkId, { folder: 'closed', state: 'none', quiet: false });
    return true;
  }

  /** Changes the latest message of a conversation, once. */
  edit(talkId: string, senderId: string, text: string): Message | null {
    const talk = this.#talk(talkId);
    const last = talk.messages.at(-1);
    if (last === undefined || last.senderId !== senderId || last.editedAt !== undefined)
      return null;
    const message = { ...last, text, editedAt: this.#now() };
    talk.messages[last.seq - 1] = message;
    for (const memberId of talk.members) {
      const folder = this.#person(memberId).rows.get(talkId)?.folder;
      if (memberId !== senderId && folder === 'closed') continue;
      for (const live of this.sockets) {
        if (live.personId === memberId && live.isLive)
          this.#give(live, { t: 'changed', conversationId: talkId, rev: 1, message });
      }
      this.change(memberId, talkId, {});
    }
    return message;
  }

  /** The person signed in again: what was held goes out; or it does not, for the reason given. */
  release(personId: string, code?: 'opted_out'): void {
    const { held } = this.#person(personId);
    for (const { clientId, conversationId, text } of held.values()) {
      if (code === undefined) this.say(conversationId, personId, text, clientId);
      else this.push(personId, { t: 'dropped', conversationId, clientId, code });
    }
    held.clear();
  }

  /** Changes one row of one person's inbox and ticks it to their sockets. */
  change(personId: string, talkId: string, change: Partial<InboxRow>): void {
    this.#setRow(personId, talkId, change);
    this.#tickRow(personId, talkId);
  }

  #setRow(personId: string, talkId: string, change: Partial<InboxRow>): void {
    const person = this.#person(personId);
    const before = person.rows.get(talkId) ?? {
      folder: 'inbox' as const,
      state: 'none' as const,
      quiet: false,
      readSeq: 0,
      muted: false,
      lastActivityAt: this.#talk(talkId).createdAt,
      pos: 0,
    };
    const readSeq = Math.max(before.readSeq, change.readSeq ?? 0);
    person.pos += 1;
    person.rows.set(talkId, { ...before, ...change, readSeq, pos: person.pos });
  }

  #tickRow(personId: string, talkId: string): void {
    for (const live of this.sockets) {
      if (live.personId !== personId || !live.isLive) continue;
      live.unticked.add(talkId);
      if (this.weather.tick() === 'send') this.#giveTicks(live);
    }
  }

  signOut(personId: string): void {
    this.#person(personId).isSignedIn = false;
    this.closeSockets(personId, 4401);
  }

  closeSockets(personId: string, code: number): void {
    for (const live of this.sockets) if (live.personId === personId) this.#close(live, code);
  }

  /** What was held back arrives late, after newer things. */
  releaseHeld(): void {
    for (const live of this.sockets) {
      this.#giveTicks(live);
      for (const frame of live.held.splice(0)) this.#give(live, frame);
    }
  }

  push(personId: string, frame: ServerFrame): void {
    for (const live of this.sockets) if (live.personId === personId) this.#give(live, frame);
  }

  /** A browser with this person's cookie. */
  browserOf(personId: string) {
    return {
      fetch: (path: string, init: RequestInit) => this.#fetch(personId, path, init),
      openSocket: (_path: string, events: SocketEvents) => this.#open(personId, events),
    };
  }

  rowOf(personId: string, talkId: string): Conversation {
    const talk = this.#talk(talkId);
    const row = this.#person(personId).rows.get(talkId);
    if (row === undefined) throw new Error('no such row');
    const lastMessage = talk.messages.at(-1);
    const isOffer = lastMessage?.purpose === 'promotional' && lastMessage.senderId !== personId;
    const other = talk.members.find((id) => id !== personId) ?? personId;
    return {
      id: talkId,
      kind: 'direct',
      ...row,
      ...(row.quiet && { quietReasons: ['link' as const] }),
      ...(row.state === 'pending' && {
        request: {
          person: { ...this.#card(other), bio: '', website: '', createdAt: talk.createdAt },
          followedByBoth: { count: 0, people: [] },
          following: false,
          expiresAt: talk.createdAt,
        },
      }),
      ...(isOffer && { section: 'offers' as const }),
      members: talk.members.map((id) => this.#card(id)),
      headSeq: talk.messages.length,
      unread: Math.max(0, talk.messages.length - row.readSeq),
      ...(lastMessage !== undefined && { lastMessage }),
    };
  }

  #tick(personId: string, talkId: string): Tick {
    const row = this.rowOf(personId, talkId);
    const { headSeq, readSeq, folder, quiet = false, muted, lastActivityAt, pos } = row;
    return { conversationId: talkId, headSeq, readSeq, folder, quiet, muted, lastActivityAt, pos };
  }

  #giveTicks(live: Live): void {
    const rows = [...live.unticked].map((id) => this.#tick(live.personId, id));
    live.unticked.clear();
    if (rows.length > 0)
      this.#give(live, { t: 'tick', rows, pos: this.#person(live.personId).pos });
  }

  #show(personId: string, frame: ServerFrame): void {
    for (const live of this.sockets) {
      if (live.personId !== personId || !live.isLive) continue;
      const fate = this.weather.message();
      if (fate === 'hold') live.held.push(frame);
      if (fate === 'send' || fate === 'repeat') this.#give(live, frame);
      if (fate === 'repeat') this.#give(live, frame);
    }
  }

  #open(personId: string, events: SocketEvents): SocketConnection {
    const live: Live = {
      personId,
      events,
      isLive: false,
      isClosed: false,
      held: [],
      unticked: new Set(),
    };
    this.sockets.add(live);
    this.#time.after(1, () => !live.isClosed && events.opened());
    return {
      send: (text) => {
        if (!live.isClosed) this.#hear(live, JSON.parse(text) as { t: string; pos?: number });
      },
      close: () => this.#close(live, 1000),
      bufferedBytes: () => 0,
    };
  }

  #hear(live: Live, frame: { t: string; pos?: number } & Record<string, unknown>): void {
    const person = this.#person(live.personId);
    this.frames.push({ personId: live.personId, frame });
    if (frame.t === 'hello') {
      if (!person.isSignedIn) return this.#close(live, 4401);
      live.isLive = true;
      this.#give(live, { t: 'welcome', me: this.#me(live.personId), pos: person.pos });
      if (frame.pos !== undefined) this.#catchUp(live, frame.pos);
    } else if (frame.t === 'ping') this.#give(live, { t: 'pong' });
    else if (frame.t === 'read') {
      this.change(live.personId, frame['conversationId'] as string, {
        readSeq: frame['seq'] as number,
      });
    }
  }

  #catchUp(live: Live, pos: number): void {
    const person = this.#person(live.personId);
    const rows = [...person.rows.keys()].map((id) => this.rowOf(person.id, id));
    const changed = rows.filter((row) => row.pos > pos).sort((a, b) => a.pos - b.pos);
    for (let start = 0; start < changed.length; start += this.catchUpRows) {
      const part = changed.slice(start, start + this.catchUpRows);
      const more = start + this.catchUpRows < changed.length;
      this.#give(live, { t: 'inbox', rows: part, pos: part.at(-1)?.pos ?? pos, more });
    }
  }

  #give(live: Live, frame: ServerFrame): void {
    if (!live.isClosed) live.events.text(JSON.stringify(frame));
  }

  #close(live: Live, code: number): void {
    if (live.isClosed) return;
    live.isClosed = true;
    live.isLive = false;
    this.sockets.delete(live);
    live.events.closed(code);
  }

  async #fetch(personId: string, path: string, init: RequestInit): Promise<Response> {
    const method = init.method ?? 'GET';
    this.requests.push(`${method} ${path}`);
    const fate = this.weather.http(method, path);
    if (fate instanceof Response) return fate;
    if (fate === 'lost') throw new TypeError('fetch failed');
    const answer = this.#answer(personId, method, path, init);
    await this.#wait(this.weather.latencyMs(), init.signal ?? null);
    if (fate === 'unanswered') throw new TypeError('fetch failed');
    return answer;
  }

  async #wait(ms: number, signal: AbortSignal | null): Promise<void> {
    if (ms === 0) return;
    await new Promise<void>((resolve, reject) => {
      const stop = this.#time.after(ms, resolve);
      signal?.addEventListener('abort', () => {
        stop();
        reject(new TypeError('aborted'));
      });
    });
  }

  #answer(personId: string, method: string, path: string, init: RequestInit): Response {
    const url = new URL(path, 'http://far');
    const person = this.#person(personId);
    const body =
      typeof init.body === 'string' ? (JSON.parse(init.body) as Record<string, string>) : {};
    if (url.pathname === '/api/auth/sign-out') {
      this.signOut(personId);
      return json(200, { success: true });
    }
    if (url.pathname.startsWith('/api/auth/sign-in/')) {
      if (body['password'] !== 'right') return json(401, { code: 'INVALID_USERNAME_OR_PASSWORD' });
      person.isSignedIn = true;
      return json(200, { token: 'x', user: {} });
    }
    if (!person.isSignedIn) return problem(401, 'unauthenticated');
    if (url.pathname === '/api/me') return json(200, this.#me(personId));
    if (url.pathname === '/api/settings') return json(200, { reach: 'following' });
    if (url.pathname === '/api/conversations')
      return json(200, this.#page(person, url.searchParams));
    if (url.pathname === '/api/requests') return this.#decideAnswer(person, init);
    if (url.pathname.startsWith('/api/held')) {
      const clientId = url.pathname.split('/')[3];
      if (clientId === undefined) return json(200, { held: [...person.held.values()] });
      return person.held.delete(clientId)
        ? new Response(null, { status: 204 })
        : problem(404, 'not_found');
    }
    return this.#conversationAnswer(person, method, url, body);
  }

  #conversationAnswer(
    person: Person,
    method: string,
    url: URL,
    body: Record<string, string>,
  ): Response {
    const [, , , id = '', verb, last] = url.pathname.split('/');
    if (id === 'with') {
      const other = [...this.people.values()].find((candidate) => candidate.username === verb);
      if (other === undefined || last !== 'messages') return problem(404, 'not_found');
      const talk = [...this.talks.values()].find((candidate) =>
        [person.id, other.id].every((member) => candidate.members.includes(member)),
      );
      return this.#sendAnswer(talk?.id ?? this.addTalk(person, other), person, body);
    }
    const folder = person.rows.get(id)?.folder;
    if (folder === undefined || (folder === 'closed' && method !== 'POST'))
      return problem(404, 'not_found');
    if (verb === 'accept' || verb === 'decline' || verb === 'unaccept') {
      if (!this.decide(person.id, id, verb)) return problem(404, 'not_found');
      if (verb === 'decline') return new Response(null, { status: 204 });
      return json(200, { conversation: { ...this.rowOf(person.id, id), contact: this.contact } });
    }
    if (method === 'PATCH') {
      const message = this.edit(id, person.id, body['text'] ?? '');
      return message === null ? problem(403, 'edit_closed') : json(200, { message });
    }
    if (verb === undefined) {
      return json(200, { conversation: { ...this.rowOf(person.id, id), contact: this.contact } });
    }
    if (verb === 'read') {
      this.change(person.id, id, { readSeq: Number(body['seq']) });
      const { readSeq, unread } = this.rowOf(person.id, id);
      return json(200, { readSeq, unread });
    }
    if (method === 'POST') return this.#sendAnswer(id, person, body);
    return json(200, this.#messages(id, url.searchParams));
  }

  #decideAnswer(person: Person, init: RequestInit): Response {
    const { ids, action } = JSON.parse(init.body as string) as { ids: string[]; action: string };
    const results = ids.map((id) => ({
      id,
      outcome: this.decide(person.id, id, action) ? 'done' : 'not_found',
    }));
    return json(200, { results });
  }

  #sendAnswer(talkId: string, person: Person, body: Record<string, string>): Response {
    if (body['text'] === 'refuse me') return problem(403, 'not_accepting');
    if (body['text']?.startsWith('hold me') === true) {
      const { clientId = '', text } = body;
      person.held.set(clientId, { clientId, conversationId: talkId, text, heldAt: this.#now() });
      return problem(202, 'held');
    }
    const before = this.#talk(talkId).messages.length;
    const message = this.say(talkId, person.id, body['text'] ?? '', body['clientId']);
    const isNew = this.#talk(talkId).messages.length > before;
    return json(isNew ? 201 : 200, { message, arrived: 'inbox' });
  }

  #page(person: Person, query: URLSearchParams) {
    const folder = query.get('folder');
    const quiet = query.get('quiet');
    const limit = this.hasOnePage ? Infinity : Number(query.get('limit'));
    const rows = [...person.rows.keys()]
      .map((id) => this.rowOf(person.id, id))
      .filter((row) => row.folder === folder)
      .filter((row) => quiet === null || row.quiet === (quiet === 'true'))
      .filter((row) => query.get('unread') === null || (row.unread > 0 && !row.muted))
      .sort((a, b) => keyOf(b).localeCompare(keyOf(a), 'en'));
    const cursor = query.get('cursor');
    const rest = cursor === null ? rows : rows.filter((row) => keyOf(row) < cursor);
    const page = rest.slice(0, limit);
    const bottom = page.at(-1);
    const hasMore = rest.length > limit && bottom !== undefined;
    const requests = [...person.rows.values()].filter((row) => row.folder === 'requests');
    const aside = requests.filter((row) => row.quiet).length;
    return {
      conversations: page,
      ...(hasMore && { nextCursor: keyOf(bottom) }),
      ...(cursor === null && { requests: { waiting: requests.length - aside, quiet: aside } }),
    };
  }

  #messages(talkId: string, query: URLSearchParams) {
    const { messages } = this.#talk(talkId);
    const limit = Number(query.get('limit'));
    const before = query.get('before');
    const after = query.get('after');
    if (after !== null) {
      const later = messages.filter((message) => message.seq > Number(after));
      return { messages: later.slice(0, limit), hasMore: later.length > limit };
    }
    const earlier = messages.filter((message) => before === null || message.seq < Number(before));
    return { messages: earlier.slice(-limit), hasMore: earlier.length > limit };
  }

  #me(personId: string) {
    const createdAt = '2026-01-01T00:00:00.000Z';
    return { ...this.#card(personId), bio: '', website: '', createdAt, email: 'me@example.org' };
  }

  #card(personId: string) {
    const { id, username } = this.#person(personId);
    return { id, username, name: username, kind: 'person' as const };
  }

  #person(id: string): Person {
    const person = this.people.get(id);
    if (person === undefined) throw new Error('no such person');
    return person;
  }

  #talk(id: string): Talk {
    const talk = this.talks.get(id);
    if (talk === undefined) throw new Error('no such conversation');
    return talk;
  }

  #now(): string {
    return new Date(this.#time.now()).toISOString();
  }
}

/** Sorts like the server's cursor: latest activity, then the higher id. */
function keyOf(row: Conversation): string {
  return `${row.lastActivityAt} ${row.id.padStart(20, '0')}`;
}

export function json(
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): Response {
  return new Response(JSON.stringify(body), { status, headers });
}

export function problem(status: number, code: string, retryAfterSeconds?: number): Response {
  return json(status, { code, detail: `detail of ${code}`, retryAfterSeconds });
}
