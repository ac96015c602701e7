import { randomUUID } from 'node:crypto';
import type { Conversation, Message, MessagePage, SendAnswer } from '@aside/protocol';
import { operatorKey } from './start-app.ts';

// People who use the server from outside: over HTTP with a token, as any client would.

export interface Answer<T> {
  status: number;
  body: T;
  headers: Headers;
}

export interface TestPerson {
  id: string;
  username: string;
  token: string;
  call<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<Answer<T>>;
  get<T = Record<string, unknown>>(path: string): Promise<Answer<T>>;
  write(
    to: string,
    text: string,
    clientId?: string,
  ): Promise<Answer<SendAnswer & { code?: string }>>;
  writeIn(
    id: string,
    text: string,
    clientId?: string,
  ): Promise<Answer<SendAnswer & { code?: string }>>;
  inbox(folder?: string): Promise<Conversation[]>;
  messages(id: string, query?: string): Promise<Message[]>;
}

/** Calls any route as anybody (`token` null: nobody) and reads the JSON answer. */
export async function call<T = Record<string, unknown>>(
  url: string,
  token: string | null,
  method: string,
  path: string,
  body?: unknown,
): Promise<Answer<T>> {
  const response = await fetch(url + path, {
    method,
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    body: (text === '' ? null : JSON.parse(text)) as T,
    headers: response.headers,
  };
}

/** Brings people by the operator's door; `follows` maps a username to those it follows. */
export async function bringPeople<Name extends string>(
  url: string,
  names: readonly Name[],
  follows: Partial<Record<Name, readonly Name[]>> = {},
): Promise<Record<Name, TestPerson>> {
  const batch = names.map((username) => ({
    username,
    name: username[0]!.toUpperCase() + username.slice(1),
    follows: follows[username] ?? [],
  }));
  const answer = await call<{ id: string; username: Name; token: string }[]>(
    url,
    operatorKey,
    'POST',
    '/api/operator/people',
    batch,
  );
  if (answer.status !== 200 && answer.status !== 201) {
    throw new Error(`bringing people failed: ${JSON.stringify(answer.body)}`);
  }
  return Object.fromEntries(
    answer.body.map((made) => [made.username, person(url, made)]),
  ) as Record<Name, TestPerson>;
}

/** Alice and Bob follow each other; Mallory is followed by nobody, which is how it stays. */
export function aliceBobMallory(
  url: string,
): Promise<Record<'alice' | 'bob' | 'mallory', TestPerson>> {
  return bringPeople(url, ['alice', 'bob', 'mallory'], {
    alice: ['bob'],
    bob: ['alice'],
    mallory: ['alice', 'bob'],
  });
}

/**
 * One writes and the other answers from a session of their own, so that each has accepted the other. Two messages
 * stand in the conversation then, the next has seq 3; the other's reach must admit the one. Answers the
 * conversation's id.
 */
export async function befriend(one: TestPerson, other: TestPerson): Promise<string> {
  const first = await one.write(other.username, 'Do you remember me?');
  if (first.status !== 201) throw new Error(`was not let in: ${JSON.stringify(first.body)}`);
  const { conversationId } = first.body.message;
  const answer = await other.writeIn(conversationId, 'Of course I do.');
  if (answer.status !== 201) throw new Error(`did not answer: ${JSON.stringify(answer.body)}`);
  return conversationId;
}

export function person(
  url: string,
  { id, username, token }: { id: string; username: string; token: string },
): TestPerson {
  const callAs: TestPerson['call'] = (method, path, body) => call(url, token, method, path, body);
  return {
    id,
    username,
    token,
    call: callAs,
    get: (path) => callAs('GET', path),
    write: (to, text, clientId = randomUUID()) =>
      callAs('POST', `/api/conversations/with/${to}/messages`, { clientId, text }),
    writeIn: (conversation, text, clientId = randomUUID()) =>
      callAs('POST', `/api/conversations/${conversation}/messages`, { clientId, text }),
    async inbox(folder = 'inbox') {
      const answer = await callAs<{ conversations: Conversation[] }>(
        'GET',
        `/api/conversations?folder=${folder}&limit=200`,
      );
      return answer.body.conversations;
    },
    async messages(conversation, query = '?limit=200') {
      const answer = await callAs<MessagePage>(
        'GET',
        `/api/conversations/${conversation}/messages${query}`,
      );
      return answer.body.messages;
    },
  };
}

/** Waits until `check` answers something other than null, undefined or false; fails after `timeoutMs`. */
export async function until<T>(
  check: () => T | Promise<T>,
  timeoutMs = 12_000,
): Promise<Exclude<NonNullable<T>, false>> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const value = await check();
    if (value) return value as Exclude<NonNullable<T>, false>;
    if (Date.now() > end) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
