import { createHash } from 'node:crypto';
import { closeCodes, limits, type KeyView, type NewKey } from '@aside/protocol';
import { describe, expect, test } from 'vitest';
import {
  aliceBobMallory,
  befriend,
  bringPeople,
  call,
  person,
  until,
  type Answer,
  type TestPerson,
} from './_support/people.ts';
import { openSocket, rawSocket, type SpySocket } from './_support/spy-socket.ts';
import { ask } from './_support/sql.ts';
import { appForTest, type TestApp } from './_support/start-app.ts';

// API keys: a program acts in a person's name, marked as a program, until the person takes the key away.

const password = 'correct horse';

async function makeKey(owner: TestPerson, name = 'Bot'): Promise<NewKey> {
  const made = await owner.call<NewKey>('POST', '/api/keys', { name });
  expect(made.status).toBe(201);
  return made.body;
}

const keysOf = async (owner: TestPerson): Promise<KeyView[]> =>
  (await owner.get<{ keys: KeyView[] }>('/api/keys')).body.keys;

/** The owner as the program that holds this key. */
const program = (app: TestApp, owner: TestPerson, { key }: NewKey): TestPerson =>
  person(app.url, { ...owner, token: key });

async function expectAlive(socket: SpySocket): Promise<void> {
  const before = socket.frames.filter(({ t }) => t === 'pong').length;
  socket.send({ t: 'ping' });
  await until(() => socket.frames.filter(({ t }) => t === 'pong').length > before);
}

test('a key is shown once, listed by its last four characters, and gone when deleted', async () => {
  const app = await appForTest();
  const { alice } = await bringPeople(app.url, ['alice']);
  expect(await keysOf(alice)).toEqual([]);
  const first = await makeKey(alice, '  Shop bot ');
  expect(first).toEqual({
    id: expect.stringMatching(/^\d+$/),
    name: 'Shop bot',
    key: expect.stringMatching(/^aside_[A-Za-z0-9_-]{43}$/),
  });
  const second = await makeKey(alice, 'Shop bot');
  expect(second.key).not.toBe(first.key);
  const listed = await alice.get<{ keys: KeyView[] }>('/api/keys');
  expect(listed.body.keys).toEqual([
    { id: second.id, name: 'Shop bot', createdAt: anyTime, hint: second.key.slice(-4) },
    { id: first.id, name: 'Shop bot', createdAt: anyTime, hint: first.key.slice(-4) },
  ]);
  expect(JSON.stringify(listed.body)).not.toContain(first.key.slice(6, -4));
  await program(app, alice, first).get('/api/me');
  expect((await keysOf(alice)).map(({ lastUsedAt }) => lastUsedAt)).toEqual([undefined, anyTime]);
  expect(await alice.call('DELETE', `/api/keys/${first.id}`)).toMatchObject({
    status: 204,
    body: null,
  });
  expect((await keysOf(alice)).map(({ id }) => id)).toEqual([second.id]);
  for (const id of [first.id, '1', '0', 'x', `key:${second.id}`, '99999999999999999999']) {
    const again = await alice.call('DELETE', `/api/keys/${id}`);
    expect([id, again.status, again.body]).toMatchObject([id, 404, { code: 'not_found' }]);
  }
});

const anyTime = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

test('the tables hold only the hash of a key', async () => {
  const app = await appForTest();
  const { alice } = await bringPeople(app.url, ['alice']);
  const { id, key } = await makeKey(alice);
  await call(app.url, key, 'GET', '/api/me');
  const [row] = await ask<{ hash: Buffer; text: string }>(
    app.urls.identity,
    'select hash, api_key::text as text from api_key where id = $1',
    [id],
  );
  expect(row!.hash).toEqual(createHash('sha256').update(key).digest());
  expect(row!.text).not.toContain(key.slice(6, -4));
});

test('a program with a key acts as its person: reads, follows, blocks, mutes, changes the profile', async () => {
  const app = await appForTest();
  const { alice, bob } = await aliceBobMallory(app.url);
  const conversationId = await befriend(bob, alice);
  const bot = program(app, alice, await makeKey(alice));
  expect((await bot.get('/api/me')).body).toMatchObject({ id: alice.id, username: 'alice' });
  expect((await bot.get('/api/settings')).status).toBe(200);
  expect(await bot.inbox()).toHaveLength(1);
  expect(await bot.messages(conversationId)).toHaveLength(2);
  for (const [method, path, body] of [
    ['POST', `/api/conversations/${conversationId}/read`, { seq: 1 }],
    ['PATCH', '/api/me', { bio: 'written by a program' }],
    ['PUT', '/api/people/mallory/follow', undefined],
    ['PUT', '/api/people/mallory/mute', undefined],
    ['PUT', '/api/people/mallory/block', undefined],
  ] as const) {
    const done = await bot.call(method, path, body);
    expect([path, done.status < 300]).toEqual([path, true]);
  }
  expect((await alice.get('/api/me')).body).toMatchObject({ bio: 'written by a program' });
  expect((await alice.get('/api/blocks')).body).toMatchObject({
    people: [{ username: 'mallory' }],
  });
});

test('what a key sends says that it is automated, over HTTP and over the socket; a session’s does not', async () => {
  const app = await appForTest();
  const { alice, bob } = await aliceBobMallory(app.url);
  const made = await makeKey(alice);
  // Each message of Bob's lets one automated answer through, be it a request or not.
  const { conversationId } = (await bob.write('alice', 'Are you open?')).body.message;
  const overHttp = await program(app, alice, made).writeIn(conversationId, 'Until six.');
  expect(overHttp).toMatchObject({
    status: 201,
    body: { arrived: 'inbox', message: { origin: 'automated', purpose: 'automated' } },
  });
  // A program accepts nothing by answering; Alice herself does.
  expect((await bob.writeIn(conversationId, 'Hello?')).body.code).toBe('request_pending');
  expect((await alice.writeIn(conversationId, 'Ring twice.')).status).toBe(201);
  expect((await bob.writeIn(conversationId, 'And on Sunday?')).status).toBe(201);
  const socket = await openSocket(app.url, made.key);
  expect((await socket.write({ conversationId }, 'Closed.')).t).toBe('ack');
  expect(await socket.write({ conversationId }, 'Really.')).toMatchObject({
    t: 'refused',
    code: 'await_reply',
  });
  const origins = (await bob.messages(conversationId)).map(({ origin }) => origin);
  expect(origins).toEqual(['interactive', 'automated', 'interactive', 'interactive', 'automated']);
});

describe('what only the person may do is refused to a key and done in a session:', () => {
  test.each<[string, string, string, object | undefined]>([
    ['making a key', 'POST', '/api/keys', { name: 'Another' }],
    ['listing keys', 'GET', '/api/keys', undefined],
    ['deleting a key', 'DELETE', '/api/keys/:key', undefined],
    ['signing out everywhere else', 'DELETE', '/api/sessions', undefined],
    ['signing out somewhere', 'DELETE', '/api/sessions/:session', undefined],
    ['changing settings', 'PATCH', '/api/settings', { reach: 'everyone' }],
    ['deleting the account', 'DELETE', '/api/me', undefined],
  ])('%s', async (_, method, path, body) => {
    const app = await appForTest();
    const alice = await signUp(app, 'alice');
    const made = await makeKey(alice);
    const { sessions } = (await alice.get<{ sessions: { id: string }[] }>('/api/sessions')).body;
    const filled = path.replace(':key', made.id).replace(':session', sessions[0]!.id);
    const bot = program(app, alice, made);
    expect(await bot.call(method, filled, body)).toMatchObject({
      status: 403,
      body: { code: 'session_required' },
    });
    // Before the body is looked at.
    if (body) expect((await bot.call(method, filled, { x: 1 })).status).toBe(403);
    expect((await alice.get('/api/me')).status).toBe(200);
    expect(await keysOf(alice)).toHaveLength(1);
    expect((await alice.call(method, filled, body)).status).toBeLessThan(300);
  });

  test.each([
    ['change-password', { currentPassword: password, newPassword: 'another horse' }],
    ['two-factor/enable', { password }],
    ['sign-out', undefined],
  ])('account security: %s', async (path, body) => {
    const app = await appForTest();
    const alice = await signUp(app, 'alice');
    const bot = program(app, alice, await makeKey(alice));
    expect(await bot.call('POST', `/api/auth/${path}`, body)).toMatchObject({
      status: 403,
      body: { code: 'SESSION_REQUIRED' },
    });
    expect((await alice.call('POST', `/api/auth/${path}`, body)).status).toBe(200);
  });
});

test('deleting a key closes its sockets and refuses it at once; sessions and other keys go on', async () => {
  const app = await appForTest();
  const { alice } = await bringPeople(app.url, ['alice']);
  const [lost, kept] = [await makeKey(alice), await makeKey(alice)];
  const byToken = await openSocket(app.url, lost.key);
  const byHeader = rawSocket(app.url, { authorization: `Bearer ${lost.key}` });
  byHeader.send({ t: 'hello' });
  await byHeader.frame('welcome');
  const others = [await openSocket(app.url, kept.key), await openSocket(app.url, alice.token)];
  expect((await call(app.url, lost.key, 'GET', '/api/me')).status).toBe(200);

  expect((await alice.call('DELETE', `/api/keys/${lost.id}`)).status).toBe(204);
  expect(await call(app.url, lost.key, 'GET', '/api/me')).toMatchObject({
    status: 401,
    body: { code: 'unauthenticated' },
  });
  for (const socket of [byToken, byHeader]) {
    expect(await until(() => socket.closed?.code)).toBe(closeCodes.signInAgain.code);
  }
  const again = rawSocket(app.url);
  again.send({ t: 'hello', token: lost.key });
  expect(await until(() => again.closed?.code)).toBe(closeCodes.signInAgain.code);
  for (const socket of others) await expectAlive(socket);
  expect((await call(app.url, kept.key, 'GET', '/api/me')).status).toBe(200);
});

test('deleting a key closes its socket also when another try has already deleted it', async () => {
  const app = await appForTest();
  const { alice } = await bringPeople(app.url, ['alice']);
  const { id, key } = await makeKey(alice);
  const socket = await openSocket(app.url, key);
  await ask(app.urls.identity, 'delete from api_key where id = $1', [id]);
  expect((await alice.call('DELETE', `/api/keys/${id}`)).status).toBe(404);
  expect(await until(() => socket.closed?.code)).toBe(closeCodes.signInAgain.code);
  expect((await call(app.url, key, 'GET', '/api/me')).status).toBe(401);
});

test('nobody sees, lists or deletes the key of another person', async () => {
  const app = await appForTest();
  const { alice, mallory } = await bringPeople(app.url, ['alice', 'mallory']);
  const made = await makeKey(alice);
  const socket = await openSocket(app.url, made.key);
  expect(await mallory.call('DELETE', `/api/keys/${made.id}`)).toMatchObject({
    status: 404,
    body: { code: 'not_found' },
  });
  expect(await keysOf(mallory)).toEqual([]);
  await expectAlive(socket);
  expect((await call(app.url, made.key, 'GET', '/api/me')).status).toBe(200);
  expect((await call(app.url, null, 'GET', '/api/keys')).status).toBe(401);
  expect((await call(app.url, null, 'POST', '/api/keys', { name: 'x' })).status).toBe(401);
});

test('a person has at most fifty keys, also when many are made at once', async () => {
  const app = await appForTest();
  const { alice, bob } = await bringPeople(app.url, ['alice', 'bob']);
  const answers = await Promise.all(
    Array.from({ length: limits.keysPerPersonMax + 5 }, (_, i) =>
      alice.call<{ code?: string; detail?: string }>('POST', '/api/keys', { name: `Key ${i}` }),
    ),
  );
  const refused = answers.filter(({ status }) => status !== 201);
  expect(refused).toHaveLength(5);
  for (const { status, body } of refused) {
    expect([status, body.code]).toEqual([400, 'invalid']);
    expect(body.detail).toContain(`${limits.keysPerPersonMax} keys`);
  }
  const keys = await keysOf(alice);
  expect(keys).toHaveLength(limits.keysPerPersonMax);
  await makeKey(bob);
  await alice.call('DELETE', `/api/keys/${keys[0]!.id}`);
  await makeKey(alice);
});

test.each([
  ['nothing', {}],
  ['an empty one', { name: '' }],
  ['only white space', { name: '   ' }],
  ['nothing visible', { name: '\u200b\u2060' }],
  ['two lines', { name: 'one\ntwo' }],
  ['turned text', { name: 'a\u202eb' }],
  ['half a character', { name: '\ud800' }],
  ['a NUL', { name: 'a\0b' }],
  ['51 characters', { name: 'x'.repeat(51) }],
  ['a number', { name: 7 }],
  ['an unknown field', { name: 'Bot', key: 'mine' }],
])('a name for a key may not be %s', async (_, body) => {
  const app = await appForTest();
  const { alice } = await bringPeople(app.url, ['alice']);
  await makeKey(alice, '👩‍🌾'.repeat(10).slice(0, 50));
  expect(await alice.call('POST', '/api/keys', body)).toMatchObject({
    status: 400,
    body: { code: 'invalid' },
  });
  expect(await keysOf(alice)).toHaveLength(1);
});

test('a key counts whole, as it is, and only as a bearer token', async () => {
  const app = await appForTest();
  const { alice } = await bringPeople(app.url, ['alice']);
  const { id, key } = await makeKey(alice);
  const asked = (headers: Record<string, string>, query = ''): Promise<Response> =>
    fetch(`${app.url}/api/me${query}`, { headers });
  expect((await asked({ authorization: `Bearer ${key}` })).status).toBe(200);
  expect((await asked({ authorization: `bearer  ${key}` })).status).toBe(200);
  const body = key.slice(6);
  for (const wrong of [
    'aside_',
    body,
    key.toUpperCase(),
    key.replace('aside_', 'Aside_'),
    key.slice(0, -1),
    `${key}A`,
    `${key}=`,
    `${key}.`,
    `${key}.${Buffer.alloc(32).toString('base64')}`,
    `${key},${key}`,
    `${key} ${key}`,
    encodeURIComponent(`${key}%`),
    'aside_'.repeat(1_500),
    `aside_${'A'.repeat(8_000)}`,
    `key:${id}`,
    id,
    createHash('sha256').update(key).digest('hex'),
  ]) {
    const answer = await asked({ authorization: `Bearer ${wrong}` });
    expect([wrong.slice(0, 60), answer.status]).toEqual([wrong.slice(0, 60), 401]);
  }
  for (const headers of [
    { cookie: `aside.session_token=${key}` },
    { cookie: `aside.session_token=${key}.${Buffer.alloc(32).toString('base64')}` },
    { 'x-api-key': key },
    { authorization: key },
    { authorization: `Basic ${Buffer.from(`:${key}`).toString('base64')}` },
    { authorization: `Token ${key}` },
  ] as Record<string, string>[]) {
    expect([headers, (await asked(headers)).status]).toEqual([headers, 401]);
  }
  for (const query of [`?token=${key}`, `?key=${key}`, `?access_token=${key}`]) {
    expect((await asked({}, query)).status).toBe(401);
  }
  for (const token of ['aside_', key.toUpperCase(), `${key}A`]) {
    const socket = rawSocket(app.url);
    socket.send({ t: 'hello', token });
    expect(await until(() => socket.closed?.code)).toBe(closeCodes.signInAgain.code);
  }
});

describe('a key outlives', () => {
  test.each<[string, (alice: TestPerson) => Promise<Answer<unknown>>]>([
    ['signing out', (alice) => alice.call('POST', '/api/auth/sign-out')],
    ['signing out everywhere else', (alice) => alice.call('DELETE', '/api/sessions')],
    [
      'a new password that ends all other sessions',
      (alice) =>
        alice.call('POST', '/api/auth/change-password', {
          currentPassword: password,
          newPassword: 'another horse',
          revokeOtherSessions: true,
        }),
    ],
  ])('%s', async (_, act) => {
    const app = await appForTest();
    const alice = await signUp(app, 'alice');
    const { key } = await makeKey(alice);
    const socket = await openSocket(app.url, key);
    const done = await act(alice);
    expect(done.status).toBeLessThan(300);
    expect((await call(app.url, key, 'GET', '/api/me')).status).toBe(200);
    await expectAlive(socket);
  });
});

test('deleting the account ends its keys and their sockets', async () => {
  const app = await appForTest();
  const { alice } = await bringPeople(app.url, ['alice']);
  const { key } = await makeKey(alice);
  const socket = await openSocket(app.url, key);
  expect((await call(app.url, key, 'GET', '/api/me')).status).toBe(200);
  expect((await alice.call('DELETE', '/api/me')).status).toBe(204);
  expect((await call(app.url, key, 'GET', '/api/me')).status).toBe(401);
  expect(await until(() => socket.closed?.code)).toBe(closeCodes.signInAgain.code);
  expect(await ask(app.urls.identity, 'select 1 from api_key')).toEqual([]);
});

async function signUp(app: TestApp, username: string): Promise<TestPerson> {
  const body = { username, name: username, email: `${username}@mail.example`, password };
  const answer = await call<{ token: string; user: { id: string } }>(
    app.url,
    null,
    'POST',
    '/api/auth/sign-up/email',
    body,
  );
  return person(app.url, { id: answer.body.user.id, username, token: answer.body.token });
}
