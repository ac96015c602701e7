import { getMigrations } from 'better-auth/db/migration';
import { expect, test } from 'vitest';
import { createWindowLimit } from './window-limit.ts';
import { authOptions } from './auth.ts';
import { deleteIdentity } from '../../storage/accounts.ts';
import { password, startAccounts } from '../../../test/_support/start-accounts.ts';
import { silentLog } from '../../base/log.ts';
import { idSource } from '../../base/ids.ts';

test('better-auth finds nothing missing in the migrated tables', async () => {
  const { db, clock } = await startAccounts();
  const options = authOptions({
    db,
    clock,
    publicUrl: '',
    linkOrigin: () => '',
    ids: idSource(clock, () => 1),
    log: silentLog(),
    secret: 'x'.repeat(40),
    enqueueMail: async () => {},
    onPersonCreated: async () => {},
    onSessionsEnded: () => {},
    onSignedIn: async () => {},
    makePerson: async () => {},
    failures: createWindowLimit({ clock, max: 1, windowMs: 1 }),
  });
  const { toBeCreated, toBeAdded, compileMigrations } = await getMigrations(options);
  expect({ toBeCreated, toBeAdded }).toEqual({ toBeCreated: [], toBeAdded: [] });
  expect((await compileMigrations()).replace(/[;\s]/g, '')).toBe('');
});

test('who signs up is signed in and known to the person family under the same id', async () => {
  const house = await startAccounts();
  const alice = await house.signUp('alice', { name: 'Alice A.' });
  const rows = await house.person.query('select user_id::text, username, name, kind from person');
  expect(rows).toEqual([{ user_id: alice.id, username: 'alice', name: 'Alice A.', kind: 1 }]);
  const { json } = await house.call('/api/whoami', { cookie: alice.cookie });
  expect(json.viewer).toMatchObject({ personId: alice.id, via: 'cookie' });
});

test('a session is carried by cookie, by the raw token and by the signed token, and by nothing forged', async () => {
  const { call, signUp } = await startAccounts();
  const alice = await signUp('alice');
  const bearerOf = async (bearer: string): Promise<unknown> =>
    (await call('/api/whoami', { bearer })).json.viewer?.personId;
  expect((await call('/api/whoami', { cookie: alice.cookie })).json.viewer.personId).toBe(alice.id);
  expect(await bearerOf(alice.token)).toBe(alice.id);
  expect(await bearerOf(alice.signedToken)).toBe(alice.id);
  expect(await bearerOf(decodeURIComponent(alice.signedToken))).toBe(alice.id);
  expect(await bearerOf(`${alice.token}.${Buffer.alloc(32).toString('base64')}`)).toBeUndefined();
  expect(await bearerOf('wrong')).toBeUndefined();
  const unsigned = { cookie: `aside.session_token=${alice.token}` };
  expect((await call('/api/whoami', unsigned)).json.viewer).toBeNull();
});

test('better-auth takes the raw and the signed token too', async () => {
  const { call, signUp } = await startAccounts();
  const alice = await signUp('alice');
  for (const bearer of [alice.token, alice.signedToken]) {
    expect((await call('/api/auth/get-session', { bearer })).json.user.id).toBe(alice.id);
  }
  expect((await call('/api/auth/get-session', { bearer: 'wrong' })).json).toBeNull();
});

test('the session cookie is out of reach of scripts and other sites, and of plain http once the page is on https', async () => {
  const [plain, secure] = [
    await startAccounts(),
    await startAccounts({ publicUrl: 'https://aside.example' }),
  ];
  const cookieOf = async (house: typeof plain): Promise<string> => {
    const body = { username: 'alice', name: 'Alice', email: 'a@mail.example', password };
    const { headers } = await house.call('/api/auth/sign-up/email', { body });
    return headers.getSetCookie().find((line) => line.includes('aside.session_token=')) ?? '';
  };
  expect(await cookieOf(plain)).toMatch(/^aside\.session_token=.*; HttpOnly; SameSite=Lax/i);
  expect(await cookieOf(secure)).toMatch(
    /^__Secure-aside\.session_token=.*; HttpOnly; Secure; SameSite=Lax/i,
  );
});

test('a username is folded to lower case, and taken in any case', async () => {
  const { call, signUp } = await startAccounts();
  const alice = await signUp('Alice.1', { email: 'a@mail.example' });
  const { json } = await call('/api/auth/get-session', { cookie: alice.cookie });
  expect(json.user.username).toBe('alice.1');
  const body = { username: 'aLICE.1', name: 'B', email: 'b@mail.example', password };
  const second = await call('/api/auth/sign-up/email', { body });
  expect([second.status, second.json.code]).toEqual([400, 'USERNAME_IS_ALREADY_TAKEN']);
});

test('the name of a deleted account is never given away again', async () => {
  const { call, signUp, db } = await startAccounts();
  const alice = await signUp('alice');
  await deleteIdentity(db, alice.id);
  const body = { username: 'alice', name: 'A', email: 'new@mail.example', password };
  const again = await call('/api/auth/sign-up/email', { body });
  expect([again.status, again.json.code]).toEqual([400, 'USERNAME_IS_ALREADY_TAKEN']);
  // Also when the deletion commits after the sign-up looked: the table itself refuses.
  const insert = `insert into "user" (id, name, email, "emailVerified", username, kind)
    values ($1, 'x', $2, false, $3, 'person')`;
  await db.query(insert, ['1', 'x@mail.example', 'bob']);
  await expect(db.query(insert, ['2', 'y@mail.example', 'alice'])).rejects.toThrow('retired');
});

test('of many who want one name at once exactly one gets it and the others a clear no', async () => {
  const { call } = await startAccounts();
  const answers = await Promise.all(
    [1, 2, 3, 4, 5, 6].map((n) => {
      const body = { username: 'alice', name: 'A', email: `a${n}@mail.example`, password };
      return call('/api/auth/sign-up/email', { body });
    }),
  );
  const statuses = answers.map(({ status }) => status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(1);
  expect(statuses.every((status) => [200, 400, 409, 422].includes(status))).toBe(true);
});

test('a sign-up that lacks something or holds nonsense is refused with a code, never with a 500', async () => {
  const { call, signUp } = await startAccounts();
  const good = { username: 'alice', name: 'Alice', email: 'a@mail.example', password };
  const bad: unknown[] = [
    { ...good, username: undefined },
    { ...good, username: 7 },
    { ...good, username: 'ab' },
    { ...good, username: 'a'.repeat(31) },
    { ...good, username: 'al ice' },
    { ...good, username: 'ünique' },
    { ...good, username: 'alice\0' },
    { ...good, name: '' },
    { ...good, name: ' \u200b ' },
    { ...good, name: 'x'.repeat(51) },
    { ...good, name: 'a\0b' },
    { ...good, name: '\ud800' },
    { ...good, name: ['x'] },
    { ...good, email: 'nowhere' },
    { ...good, email: 'bob@people.invalid' },
    { ...good, email: { $ne: '' } },
    { ...good, password: 'short' },
    { ...good, password: 'x'.repeat(129) },
    { ...good, password: 12345678 },
    { ...good, owner: 'me' },
    [good],
    'nonsense',
    '{',
  ];
  for (const body of bad) {
    const { status, json } = await call('/api/auth/sign-up/email', { body });
    expect({ body, status, code: json?.code }).toEqual({
      body,
      status: 400,
      code: expect.any(String),
    });
  }
  expect((await signUp('alice', good)).id).toMatch(/^\d+$/);
});

test('nobody makes themselves a brand', async () => {
  const { call } = await startAccounts();
  const body = { username: 'alice', name: 'A', email: 'a@mail.example', password, kind: 'brand' };
  const { status, json } = await call('/api/auth/sign-up/email', { body });
  expect(status === 400 || json.user.kind === 'person').toBe(true);
});

test('a person whom the person family missed is made before their first request counts', async () => {
  const house = await startAccounts();
  house.personFamily.isDown = true;
  const alice = await house.signUp('alice');
  expect(await house.person.query('select 1 from person')).toEqual([]);
  expect((await house.call('/api/whoami', { bearer: alice.token })).status).toBe(500);
  house.personFamily.isDown = false;
  expect((await house.call('/api/whoami', { bearer: alice.token })).json.viewer.personId).toBe(
    alice.id,
  );
  expect(await house.person.query('select user_id::text as id from person')).toEqual([
    { id: alice.id },
  ]);
});
