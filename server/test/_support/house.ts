import { randomUUID } from 'node:crypto';
import type {
  Conversation,
  ConversationPage,
  ConversationView,
  LedgerEntry,
  Message,
  PersonKind,
  Purpose,
  Reach,
} from '@aside/protocol';
import { onTestFinished } from 'vitest';
import type { FamilyUrls } from '../../src/base/family.ts';
import { call, person, type Answer, type TestPerson } from './people.ts';
import { openSocket, type SpySocket } from './spy-socket.ts';
import { operatorKey, startTestApp, type TestApp } from './start-app.ts';

// One server for a whole file, on which each test brings people of its own and moves the clock for all of them.

export const dayMs = 86_400_000;

export interface Traits {
  /** Age of the account; a year unless said otherwise. */
  days?: number;
  kind?: PersonKind;
  owner?: string;
  /** Names of the same call, or usernames of earlier ones. */
  follows?: readonly string[];
  reach?: Reach;
}

export interface House {
  app: TestApp;
  url: string;
  /** Brings people; their usernames carry a number, so that every test has its own. */
  bring<Name extends string>(people: Record<Name, Traits>): Promise<Record<Name, TestPerson>>;
  /** Moves every clock of the server. */
  advance(ms: number): Promise<void>;
  /** The same for days in which sessions run out; these people sign in again. */
  wait(ms: number, people: readonly TestPerson[]): Promise<void>;
  /** A socket that is closed when the test ends. */
  watch(one: TestPerson, pos?: number): Promise<SpySocket>;
}

export async function openHouse(
  env: Record<string, string> = {},
  urls?: FamilyUrls,
): Promise<House> {
  const app = await startTestApp({
    ...(urls ? { urls } : {}),
    env: { SEND_RATE: '100000', SEND_BURST: '100000', ...env },
  });
  const { url } = app;
  let count = 0;
  let aheadMs = 0;
  const operate = async <T>(path: string, body: unknown): Promise<T> => {
    const answer = await call<T>(url, operatorKey, 'POST', `/api/operator/${path}`, body);
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
    return answer.body;
  };
  const advance = async (ms: number): Promise<void> => {
    await operate('clock', { advanceMs: Math.round(ms) });
    aheadMs += Math.round(ms);
  };
  return {
    app,
    url,
    advance,
    async bring<Name extends string>(people: Record<Name, Traits>) {
      count += 1;
      const names = Object.keys(people) as Name[];
      const usernameOf = (name: string): string => (name in people ? `${name}_${count}` : name);
      const now = Date.now() + aheadMs;
      const made = await operate<{ id: string; username: string; token: string }[]>(
        'people',
        names.map((name) => {
          const { days = 365, kind, owner, follows = [] } = people[name];
          return {
            username: usernameOf(name),
            name: name[0]!.toUpperCase() + name.slice(1),
            createdAt: new Date(now - days * dayMs - 1_000).toISOString(),
            follows: follows.map(usernameOf),
            ...(kind ? { kind } : {}),
            ...(owner ? { owner } : {}),
          };
        }),
      );
      const brought = Object.fromEntries(
        names.map((name, i) => [name, person(url, made[i]!)]),
      ) as Record<Name, TestPerson>;
      for (const name of names) {
        const { reach } = people[name];
        if (reach) await brought[name].call('PATCH', '/api/settings', { reach });
      }
      return brought;
    },
    async wait(ms, people) {
      await advance(ms);
      const batch = people.map(({ username }) => ({
        username,
        name: username[0]!.toUpperCase() + username.slice(1).replace(/_\d+$/, ''),
      }));
      const made = await operate<{ id: string; username: string; token: string }[]>(
        'people',
        batch,
      );
      people.forEach((one, i) => Object.assign(one, person(url, made[i]!)));
    },
    async watch(one, pos) {
      const socket = await openSocket(url, one.token, pos);
      onTestFinished(() => socket.close());
      return socket;
    },
  };
}

/** The person's program: the same person with an API key. */
export async function robotOf(house: House, one: TestPerson): Promise<TestPerson> {
  const made = await one.call<{ key: string }>('POST', '/api/keys', { name: 'Robot' });
  return person(house.url, { ...one, token: made.body.key });
}

type Sent = Answer<{ message: Message; arrived: string; code?: string }>;

/** Sends with a purpose. */
export function sendFor(
  one: TestPerson,
  to: TestPerson,
  purpose: Purpose,
  text: string,
  clientId: string = randomUUID(),
): Promise<Sent> {
  const path = `/api/conversations/with/${to.username}/messages`;
  return one.call('POST', path, { clientId, text, purpose });
}

/** The sender's first message, waiting at the recipient's; answers the conversation. */
export async function request(
  from: TestPerson,
  to: TestPerson,
  text = 'Hello, may I ask you something?',
): Promise<string> {
  const sent = await from.write(to.username, text);
  if (sent.body.arrived !== 'requests') throw new Error(JSON.stringify(sent.body));
  return sent.body.message.conversationId;
}

/** Sam has written to Rita, who takes requests from everybody and has not decided. */
export interface Waiting {
  sam: TestPerson;
  rita: TestPerson;
  id: string;
}

export async function waitingRequest(house: House, text?: string): Promise<Waiting> {
  const { sam, rita } = await house.bring({ sam: {}, rita: { reach: 'everyone' } });
  return { sam, rita, id: await request(sam, rita, text) };
}

export const act = (
  one: TestPerson,
  id: string,
  word: string,
): Promise<Answer<{ code?: string }>> => one.call('POST', `/api/conversations/${id}/${word}`);
export const block = (one: TestPerson, other: TestPerson): Promise<Answer<unknown>> =>
  one.call('PUT', `/api/people/${other.username}/block`);
export const unblock = (one: TestPerson, other: TestPerson): Promise<Answer<unknown>> =>
  one.call('DELETE', `/api/people/${other.username}/block`);
export const allow = (
  one: TestPerson,
  other: TestPerson,
  purpose: Purpose | 'all',
  body: object = {},
): Promise<Answer<{ grants: Record<string, string>; code?: string }>> =>
  one.call('PUT', `/api/consent/${other.username}/${purpose}`, body);
export const stop = (
  one: TestPerson,
  other: TestPerson,
  purpose: Purpose | 'all',
): Promise<Answer<{ grants: Record<string, string>; code?: string }>> =>
  one.call('DELETE', `/api/consent/${other.username}/${purpose}`);

export async function page(one: TestPerson, query: string): Promise<ConversationPage> {
  return (await one.get<ConversationPage>(`/api/conversations?${query}`)).body;
}

export async function view(one: TestPerson, id: string): Promise<ConversationView> {
  const answer = await one.get<{ conversation: ConversationView }>(`/api/conversations/${id}`);
  return answer.body.conversation;
}

/** Every folder of theirs, by conversation. */
export async function rows(one: TestPerson): Promise<Map<string, Conversation>> {
  const folders = await Promise.all(
    ['inbox', 'requests', 'archive'].map((folder) => one.inbox(folder)),
  );
  return new Map(folders.flat().map((row) => [row.id, row]));
}

export async function ledger(one: TestPerson): Promise<LedgerEntry[]> {
  const answer = await one.get<{ entries: LedgerEntry[] }>('/api/consent/ledger?limit=200');
  return answer.body.entries;
}

export interface Raw {
  status: number;
  headers: Record<string, string>;
  text: string;
}

/** An answer as bytes and headers, without those that tell the time or number the request. */
export async function raw(
  url: string,
  token: string | null,
  method: string,
  path: string,
  body?: unknown,
  more: Record<string, string> = {},
): Promise<Raw> {
  const response = await fetch(url + path, {
    method,
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...more,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const headers = Object.fromEntries(response.headers);
  for (const name of ['date', 'x-request-id', 'request-id']) delete headers[name];
  return { status: response.status, headers, text: await response.text() };
}

/** Everything that was sent to this socket is there once its ping is answered and calm ticks had their time. */
export async function quietFrames(socket: SpySocket): Promise<SpySocket['frames']> {
  const pongs = (): number => socket.frames.filter((frame) => frame.t === 'pong').length;
  const before = pongs();
  socket.send({ t: 'ping' });
  while (pongs() === before) await new Promise((resolve) => setTimeout(resolve, 5));
  return socket.frames.filter((frame) => frame.t !== 'pong');
}
