import { randomUUID } from 'node:crypto';
import type { Conversation, ServerFrame } from '@aside/protocol';
import { closeCodes } from '@aside/protocol';
import pg from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import { freshDatabase } from './_support/database.ts';
import { manyConversations } from './_support/many.ts';
import {
  aliceBobMallory,
  befriend,
  bringPeople,
  call,
  until,
  type TestPerson,
} from './_support/people.ts';
import { openSocket, rawSocket, type SpySocket } from './_support/spy-socket.ts';
import { ask } from './_support/sql.ts';
import { appForTest, operatorKey } from './_support/start-app.ts';

const fast = { SEND_RATE: '1000000', SEND_BURST: '1000000' };

describe('a device that only listens', () => {
  test('knows in the end what a fresh look shows: after sends, reads and mutes', async () => {
    const app = await appForTest({ env: fast });
    const { alice, bob } = await aliceBobMallory(app.url);
    const conversationId = await befriend(alice, bob);
    const device = await startDevice(app.url, bob);
    const steps: Step[] = [
      ['a message arrives', () => alice.writeIn(conversationId, 'How are you?')],
      ['one’s own message from another device', () => bob.writeIn(conversationId, 'Well')],
      [
        'reading elsewhere',
        () => bob.call('POST', `/api/conversations/${conversationId}/read`, { seq: 3 }),
      ],
      ['muting elsewhere', () => bob.call('PUT', '/api/people/alice/mute')],
      ['a message while muted', () => alice.writeIn(conversationId, 'Bye')],
      ['unmuting elsewhere', () => bob.call('DELETE', '/api/people/alice/mute')],
      [
        'reading all',
        () => bob.call('POST', `/api/conversations/${conversationId}/read`, { seq: 99 }),
      ],
    ];
    for (const step of steps) await expectInStep(device, bob, step);
    expect((await bob.inbox()).map((row) => row.unread)).toEqual([0]);
    await device.socket.close();
  });

  test('knows in the end what a fresh look shows: after requests and what becomes of them', async () => {
    const app = await appForTest({ env: fast });
    const names = ['bob', 'alice', 'carla', 'dan', 'erik'] as const;
    const { bob, alice, carla, dan, erik } = await bringPeople(app.url, names, {
      bob: ['alice', 'carla', 'dan'],
    });
    await bob.call('PATCH', '/api/settings', { reach: 'everyone' });
    const ids: Record<string, string> = {};
    const writeFirst = async (one: TestPerson, text: string): Promise<void> => {
      ids[one.username] = (await one.write('bob', text)).body.message.conversationId;
    };
    const decide = (one: TestPerson, word: string) =>
      bob.call('POST', `/api/conversations/${ids[one.username]}/${word}`);
    const device = await startDevice(app.url, bob);
    const steps: Step[] = [
      ['somebody writes first', () => writeFirst(alice, 'Do you remember me?')],
      ['another', () => writeFirst(carla, 'Carla here')],
      ['a third', () => writeFirst(dan, 'Dan here')],
      ['a stranger, quietly', () => writeFirst(erik, 'Look: https://erik.example')],
      ['accepting elsewhere', () => decide(alice, 'accept')],
      ['the accepted one writes on', () => alice.writeIn(ids['alice']!, 'Thank you')],
      ['answering elsewhere', () => bob.writeIn(ids['carla']!, 'Hello Carla')],
      ['declining elsewhere', () => decide(dan, 'decline')],
      ['taking it back elsewhere', () => decide(alice, 'unaccept')],
      ['blocking elsewhere', () => bob.call('PUT', '/api/people/erik/block')],
    ];
    for (const step of steps) await expectInStep(device, bob, step);
    expect((await bob.inbox()).map((row) => row.id)).toEqual([ids['carla']]);
    expect((await bob.inbox('requests')).map((row) => row.id)).toEqual([ids['alice']]);
    await device.socket.close();
  });
});

describe('a device that was away', () => {
  test('gets every change once, oldest first, over several pages', async () => {
    const app = await appForTest();
    const { alice, bob } = await aliceBobMallory(app.url);
    await manyConversations(app.urls, bob.id, alice.id, 450);
    const rows = await caughtUp(await openSocket(app.url, bob.token, 0), 450);
    expect(rows.map((row) => row.pos)).toEqual(Array.from({ length: 450 }, (_, i) => i + 1));
    expect(new Set(rows.map((row) => row.id)).size).toBe(450);
    expect(rows.every((row) => row.lastMessage?.text.endsWith(` ${row.pos}`))).toBe(true);
    const some = await caughtUp(await openSocket(app.url, bob.token, 225), 225);
    expect(some).toEqual(rows.slice(225));
  });

  test('with a position from the future is told everything', async () => {
    const app = await appForTest();
    const { alice, bob } = await aliceBobMallory(app.url);
    await manyConversations(app.urls, bob.id, alice.id, 210);
    expect(await caughtUp(await openSocket(app.url, bob.token, 1_000_000), 210)).toHaveLength(210);
  });

  test('and is up to date is told nothing', async () => {
    const app = await appForTest();
    const { alice, bob } = await aliceBobMallory(app.url);
    await manyConversations(app.urls, bob.id, alice.id, 5);
    const socket = await openSocket(app.url, bob.token, 5);
    socket.send({ t: 'ping' });
    await socket.frame('pong');
    expect(socket.frames.map((frame) => frame.t)).toEqual(['welcome', 'pong']);
    await socket.close();
  });

  test('and reads slowly gets through a long catch-up all the same', async () => {
    const app = await appForTest({ env: { SOCKET_BUFFER_MAX: '16384' } });
    const { alice, bob } = await aliceBobMallory(app.url);
    await manyConversations(app.urls, bob.id, alice.id, 600, '字'.repeat(9_000));
    const socket = rawSocket(app.url);
    socket.send({ t: 'hello', token: bob.token, pos: 0 });
    await socket.frame('inbox');
    // As a phone in a tunnel does; meanwhile the server has had all the time it needs to send everything.
    socket.pause();
    for (let i = 0; i < 30; i += 1) await alice.get('/api/conversations?limit=200');
    socket.resume();
    const rows = await caughtUp(socket, 600);
    expect(rows.map((row) => row.pos)).toEqual(Array.from({ length: 600 }, (_, i) => i + 1));
  });
});

test('five hundred messages from both sides at once come in one order, without a gap, to every device', async () => {
  const app = await appForTest({ env: fast });
  const { alice, bob } = await aliceBobMallory(app.url);
  const conversationId = await befriend(alice, bob);
  const sockets = await Promise.all(
    [alice, alice, bob, bob].map((p) => openSocket(app.url, p.token)),
  );
  for (let i = 0; i < 250; i += 1) {
    for (const socket of [sockets[0]!, sockets[2]!]) {
      socket.send({ t: 'send', clientId: randomUUID(), conversationId, text: `text ${i}` });
    }
  }
  const dense = Array.from({ length: 500 }, (_, i) => i + 3);
  for (const socket of sockets) {
    await until(() => socket.messages(conversationId).length >= 500);
    expect(socket.messages(conversationId).map((message) => message.seq)).toEqual(dense);
    expect(socket.messages(conversationId)).toEqual(sockets[0]!.messages(conversationId));
  }
  await Promise.all(sockets.map((socket) => socket.close()));
});

test('a socket that stops reading is cut off, the others get everything, and it catches up without a gap', async () => {
  const app = await appForTest({ env: fast });
  const { alice, bob } = await aliceBobMallory(app.url);
  const conversationId = await befriend(alice, bob);
  await bob.inbox();
  const [slow, quick] = [
    await openSocket(app.url, bob.token),
    await openSocket(app.url, bob.token),
  ];
  const { pos } = await slow.frame('welcome');
  slow.pause();
  const sent = 450;
  for (let i = 25; i <= sent; i += 25) {
    await Promise.all(
      Array.from({ length: 25 }, () => alice.writeIn(conversationId, '字'.repeat(10_000))),
    );
    await until(() => quick.messages(conversationId).length === i);
  }
  slow.resume();
  await until(() => slow.closed);
  expect(slow.messages(conversationId).length).toBeLessThan(sent);
  expect(quick.closed).toBeNull();
  const again = await openSocket(app.url, bob.token, pos);
  const { rows } = await again.frame('inbox');
  expect(rows).toMatchObject([{ id: conversationId, headSeq: sent + 2 }]);
  const seen = slow.messages(conversationId).map((message) => message.seq);
  for (let page = [1]; page.length > 0; seen.push(...page)) {
    const query = `?after=${seen.at(-1) ?? 2}&limit=200`;
    page = (await bob.messages(conversationId, query)).map((message) => message.seq);
  }
  expect(seen).toEqual(Array.from({ length: sent }, (_, i) => i + 3));
  await Promise.all([again.close(), quick.close()]);
});

test('a burst of long messages in one commit cuts nobody off who reads', async () => {
  const app = await appForTest({ env: { ...fast, SOCKET_BUFFER_MAX: '262144' } });
  const { alice, bob } = await aliceBobMallory(app.url);
  const conversationId = await befriend(alice, bob);
  const [writer, reader] = [
    await openSocket(app.url, alice.token),
    await openSocket(app.url, bob.token),
  ];
  for (let i = 0; i < 40; i += 1) {
    const text = '字'.repeat(10_000);
    writer.send({ t: 'send', clientId: randomUUID(), conversationId, text });
  }
  await until(() => reader.messages(conversationId).length === 40 || reader.closed);
  expect(reader.closed).toBeNull();
  await Promise.all([writer.close(), reader.close()]);
});

describe('a session', () => {
  test('that ends closes its sockets at once, and no other', async () => {
    const app = await appForTest();
    const [phone, laptop] = [await signUp(app.url, 'carla'), await signIn(app.url, 'carla')];
    const sockets = [phone, laptop].map(({ cookie }) => rawSocket(app.url, { cookie }));
    for (const socket of sockets) {
      socket.send({ t: 'hello' });
      await socket.frame('welcome');
    }
    const headers = { cookie: phone.cookie, origin: app.url };
    const list = (await (await fetch(`${app.url}/api/sessions`, { headers })).json()) as {
      sessions: { id: string; current: boolean }[];
    };
    const { id } = list.sessions.find((session) => session.current)!;
    const ended = await fetch(`${app.url}/api/sessions/${id}`, {
      method: 'DELETE',
      headers: { cookie: laptop.cookie, origin: app.url },
    });
    expect(ended.status).toBe(204);
    expect((await until(() => sockets[0]!.closed)).code).toBe(closeCodes.signInAgain.code);
    expect((await fetch(`${app.url}/api/me`, { headers })).status).toBe(401);
    expect(await sockets[1]!.write({ to: 'carla' }, 'a note')).toMatchObject({ t: 'ack' });
    await sockets[1]!.close();
  });

  test('that ended between the handshake and the hello does not open a socket', async () => {
    const app = await appForTest();
    const { cookie } = await signUp(app.url, 'carla');
    const [open, early] = [0, 1].map(() => rawSocket(app.url, { cookie }));
    open!.send({ t: 'hello' });
    await open!.frame('welcome');
    await until(() => early!.isOpen);
    await fetch(`${app.url}/api/auth/sign-out`, {
      method: 'POST',
      headers: { cookie, origin: app.url },
    });
    await until(() => open!.closed);
    early!.send({ t: 'hello' });
    expect((await until(() => early!.closed)).code).toBe(closeCodes.signInAgain.code);
  });

  test('in a cookie opens a socket for our own page and for no other', async () => {
    const app = await appForTest();
    const { cookie } = await signUp(app.url, 'carla');
    for (const origin of [app.url, undefined]) {
      const own = rawSocket(app.url, { cookie, ...(origin === undefined ? {} : { origin }) });
      own.send({ t: 'hello' });
      expect((await own.frame('welcome')).me).toMatchObject({ username: 'carla' });
      await own.close();
    }
    for (const origin of ['https://evil.example', 'null', `${app.url}.evil.example`]) {
      const foreign = rawSocket(app.url, { cookie, origin });
      foreign.send({ t: 'hello' });
      await until(() => foreign.closed);
      expect(foreign.isOpen).toBe(false);
      expect(foreign.frames).toEqual([]);
    }
  });
});

test('who sends too fast is told when to go on, and everybody else goes on', async () => {
  const app = await appForTest({ env: { SEND_RATE: '1', SEND_BURST: '5' } });
  const { alice, bob } = await aliceBobMallory(app.url);
  await befriend(alice, bob);
  const twenty = Array.from({ length: 20 }, (_, i) => `text ${i}`);
  const answers = await Promise.all(twenty.map((text) => alice.write('bob', text)));
  expect(answers.filter(({ status }) => status === 201).length).toBeGreaterThan(3);
  const refused = answers.find(({ status }) => status !== 201);
  expect(refused).toMatchObject({
    status: 429,
    body: { code: 'rate_limited', retryAfterSeconds: 1 },
  });
  expect(refused?.headers.get('retry-after')).toBe('1');
  const socket = await openSocket(app.url, alice.token);
  const frames = await Promise.all(twenty.map((text) => socket.write({ to: 'bob' }, text)));
  expect(frames.find(({ t }) => t === 'refused')).toMatchObject({
    code: 'rate_limited',
    retryAfterSeconds: 1,
  });
  expect((await bob.write('alice', 'I may')).status).toBe(201);
  await call(app.url, operatorKey, 'POST', '/api/operator/clock', { advanceMs: 3_000 });
  expect(await socket.write({ to: 'bob' }, 'now')).toMatchObject({ t: 'ack' });
  await socket.close();
});

test('of too many sockets of one person the oldest is closed', async () => {
  const app = await appForTest({ env: { SOCKETS_PER_PERSON: '3' } });
  const { alice, bob } = await aliceBobMallory(app.url);
  const bobs = await openSocket(app.url, bob.token);
  const sockets: SpySocket[] = [];
  for (let i = 0; i < 4; i += 1) sockets.push(await openSocket(app.url, alice.token));
  expect((await until(() => sockets[0]!.closed)).code).toBe(closeCodes.tooManySockets.code);
  await bob.write('alice', 'Hello');
  for (const socket of sockets.slice(1)) await socket.frame('message');
  expect(bobs.closed).toBeNull();
  await Promise.all([bobs, ...sockets.slice(1)].map((socket) => socket.close()));
});

test('a server that stops with messages under way keeps every acked one, also in the inboxes', async () => {
  const database = await freshDatabase();
  onTestFinished(database.drop);
  const app = await appForTest({ urls: database.urls, env: fast });
  const { alice, bob } = await aliceBobMallory(app.url);
  const conversationId = await befriend(alice, bob);
  const socket = await openSocket(app.url, alice.token);
  const bySocket = Array.from({ length: 100 }, () => randomUUID());
  for (const clientId of bySocket)
    socket.send({ t: 'send', clientId, conversationId, text: 'by socket' });
  const httpIds = Array.from({ length: 100 }, () => randomUUID());
  const byHttp = httpIds.map(async (clientId) => {
    const answer = await bob.writeIn(conversationId, 'by HTTP', clientId).catch(() => null);
    return answer !== null && answer.status < 300 ? [clientId] : [];
  });
  await Promise.race(byHttp);
  await app.app.stop();
  expect((await until(() => socket.closed)).code).toBe(closeCodes.goingAway.code);
  const acked = [
    ...(await Promise.all(byHttp)).flat(),
    ...socket.frames.flatMap((frame) => (frame.t === 'ack' ? [frame.clientId] : [])),
  ];
  const stored = await ask<{ client_id: string; seq: string }>(
    database.urls.conversation,
    'select client_id, seq from receipt where conversation_id = $1 order by seq',
    [conversationId],
  );
  expect(acked.length).toBeGreaterThan(0);
  const storedIds = new Set(stored.map((row) => row.client_id));
  expect(acked.filter((clientId) => !storedIds.has(clientId))).toEqual([]);
  // And the other way round: over HTTP, what was taken was answered.
  expect(
    httpIds.filter((clientId) => storedIds.has(clientId) && !acked.includes(clientId)),
  ).toEqual([]);
  expect(stored.map((row) => Number(row.seq))).toEqual(stored.map((_, i) => i + 1));
  const heads = await ask(database.urls.person, 'select distinct head_seq::int as head from inbox');
  expect(heads).toEqual([{ head: stored.length }]);
  expect(await ask(database.urls.conversation, 'select 1 from outbox')).toEqual([]);
});

test.each([
  ['a moment ago', '2026-11-22'],
  ['while the clock was ahead', '2126-11-22'],
])(
  'inbox rows that a crash left unwritten %s are there after the next start',
  async (_when, at) => {
    const database = await freshDatabase();
    onTestFinished(database.drop);
    const first = await appForTest({ urls: database.urls });
    const before = await aliceBobMallory(first.url);
    const { conversationId } = (await before.alice.write('bob', 'Hello')).body.message;
    await before.bob.writeIn(conversationId, 'Hello yourself');
    await before.bob.inbox();
    const rows = await ask(database.urls.person, 'select * from inbox order by user_id');
    await first.stop();
    // As after a crash between the commit and the feed.
    await ask(database.urls.person, 'delete from inbox');
    await ask(database.urls.conversation, 'insert into outbox values ($1, 2, $2)', [
      conversationId,
      at,
    ]);
    const second = await appForTest({ urls: database.urls });
    const people = await bringPeople(second.url, ['alice', 'bob']);
    expect((await people.bob.inbox()).map((row) => [row.id, row.unread])).toEqual([
      [conversationId, 0],
    ]);
    // Her own first message is still read, although his came after it.
    expect((await people.alice.inbox()).map((row) => [row.id, row.unread])).toEqual([
      [conversationId, 1],
    ]);
    const after = await ask(database.urls.person, 'select * from inbox order by user_id');
    const withoutPos = (row: object): object => ({ ...row, pos: 0 });
    expect(after.map(withoutPos)).toEqual(rows.map(withoutPos));
    expect(await ask(database.urls.conversation, 'select 1 from outbox')).toEqual([]);
  },
);

type Step = [what: string, act: () => Promise<unknown>];

/** After the step the device comes to know, from its frames alone, what all folders show now. */
async function expectInStep(device: Device, person: TestPerson, [what, act]: Step): Promise<void> {
  await act();
  const folders = [await person.inbox(), await person.inbox('requests')];
  const fresh = inOrder(folders.flat());
  await until(async () => JSON.stringify(await device.state()) === JSON.stringify(fresh)).catch(
    async () => expect([what, await device.state()]).toEqual([what, fresh]),
  );
}

interface Device {
  socket: SpySocket;
  state(): Promise<object[]>;
}

/** A client that took one look at its folders and then only applies what it is sent. */
async function startDevice(url: string, person: TestPerson): Promise<Device> {
  const socket = await openSocket(url, person.token);
  const seen = [await person.inbox(), await person.inbox('requests')].flat();
  const rows = new Map(seen.map((row) => [row.id, row]));
  let applied = 0;
  const apply = async (frame: ServerFrame): Promise<void> => {
    if (frame.t === 'message') {
      const row = rows.get(frame.conversationId);
      if (!row || frame.message.seq <= row.headSeq) return;
      row.headSeq = frame.message.seq;
      row.lastMessage = frame.message;
      row.lastActivityAt = frame.message.createdAt;
      if (frame.message.senderId === person.id) row.readSeq = row.headSeq;
    }
    for (const tick of frame.t === 'tick' ? frame.rows : []) {
      const { conversationId, ...change } = tick;
      const row = rows.get(conversationId);
      if (change.folder === 'closed' || change.folder === 'archive') rows.delete(conversationId);
      else if (row) Object.assign(row, change);
      else {
        // Not known yet: a client fetches it.
        const path = `/api/conversations/${conversationId}`;
        rows.set(
          conversationId,
          (await person.get<{ conversation: Conversation }>(path)).body.conversation,
        );
      }
    }
  };
  return {
    socket,
    async state() {
      for (; applied < socket.frames.length; applied += 1) await apply(socket.frames[applied]!);
      return inOrder([...rows.values()]);
    },
  };
}

function inOrder(rows: Conversation[]): object[] {
  return rows.sort((a, b) => (a.lastActivityAt < b.lastActivityAt ? 1 : -1)).map(comparable);
}

function comparable(row: Conversation): object {
  const { id, headSeq, readSeq, folder, muted, lastActivityAt, pos, lastMessage } = row;
  const quiet = row.quiet ?? false;
  const text = lastMessage?.text;
  return { id, headSeq, readSeq, folder, quiet, muted, lastActivityAt, pos, text };
}

/** The rows of a catch-up in the order they came; the frames say themselves whether more follows. */
async function caughtUp(socket: SpySocket, count: number): Promise<Conversation[]> {
  const rows = (): Conversation[] => socket.frames.flatMap((f) => (f.t === 'inbox' ? f.rows : []));
  await until(() => rows().length >= count || socket.closed, 15_000);
  const pages = socket.frames.flatMap((f) => (f.t === 'inbox' ? [f] : []));
  expect(pages.map((page) => page.more)).toEqual(pages.map((_, i) => i < pages.length - 1));
  for (const page of pages) {
    expect(page.rows.length).toBeLessThanOrEqual(200);
    expect(page.pos).toBe(page.rows.at(-1)!.pos);
  }
  await socket.close();
  return rows();
}

interface Session {
  cookie: string;
}

function signUp(url: string, username: string): Promise<Session> {
  return enter(url, 'sign-up', { ...accountOf(username), name: username, username });
}

function signIn(url: string, username: string): Promise<Session> {
  return enter(url, 'sign-in', accountOf(username));
}

function accountOf(username: string): { email: string; password: string } {
  return { email: `${username}@example.org`, password: 'a long enough password' };
}

async function enter(url: string, door: 'sign-up' | 'sign-in', body: object): Promise<Session> {
  const response = await fetch(`${url}/api/auth/${door}/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(200);
  const cookies = response.headers.getSetCookie().map((line) => line.split(';')[0]);
  return { cookie: cookies.join('; ') };
}

test('a socket ends with the session it began with, and a renewed session may come back', async () => {
  const app = await appForTest();
  const { alice } = await aliceBobMallory(app.url);
  const socket = await openSocket(app.url, alice.token);
  const days = async (count: number): Promise<void> => {
    await call(app.url, operatorKey, 'POST', '/api/operator/clock', {
      advanceMs: count * 86_400_000,
    });
  };
  const expiry = async (): Promise<string> => {
    const { body } = await alice.get<{ sessions: { expiresAt: string }[] }>('/api/sessions');
    return body.sessions[0]!.expiresAt;
  };
  const first = await expiry();
  await days(20);
  // Using it renews it (once this node looks it up again), but not for the socket that is already open.
  await until(async () => (await expiry()) > first);
  await days(15);
  socket.send({ t: 'ping' });
  expect((await until(() => socket.closed)).code).toBe(closeCodes.renew.code);
  const again = await openSocket(app.url, alice.token);
  await again.close();
  await days(31);
  const late = rawSocket(app.url);
  late.send({ t: 'hello', token: alice.token });
  expect((await until(() => late.closed)).code).toBe(closeCodes.signInAgain.code);
});

test('a stop answers the sends that sockets had under way', async () => {
  const database = await freshDatabase();
  onTestFinished(database.drop);
  const app = await appForTest({ urls: database.urls });
  const { alice, bob } = await aliceBobMallory(app.url);
  const conversationId = await befriend(alice, bob);
  const socket = await openSocket(app.url, alice.token);
  const clientId = randomUUID();
  // Somebody holds the conversation's row for a moment, so that the send cannot commit before the stop begins.
  const release = await holdRow(database.urls.conversation, conversationId);
  socket.send({ t: 'send', clientId, conversationId, text: 'in the last moment' });
  await until(() => app.app.sender.waiting > 0);
  const stopped = app.stop();
  await release();
  await stopped;
  expect(socket.frames.some((f) => f.t === 'ack' && f.clientId === clientId)).toBe(true);
  expect((await until(() => socket.closed)).code).toBe(closeCodes.goingAway.code);
});

/** Locks a conversation's row until the answer is called. */
async function holdRow(url: string, conversationId: string): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('begin');
  await client.query('select 1 from conversation where conversation_id = $1 for update', [
    conversationId,
  ]);
  return async () => {
    await client.query('commit');
    await client.end();
  };
}
