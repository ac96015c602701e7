import { expect, test } from 'vitest';
import {
  operatorKey,
  startAccounts,
  type AccountsHouse,
  type Answer,
} from '../../../test/_support/start-accounts.ts';

const bring = (house: AccountsHouse, people: unknown): Promise<Answer> =>
  house.call('/api/operator/people', { body: people, bearer: operatorKey });

test('without the key the operator routes are not there, with it they are', async () => {
  const house = await startAccounts();
  const people = [{ username: 'alice', name: 'Alice' }];
  expect((await bring(house, people)).status).toBe(200);
  for (const bearer of ['wrong', `${operatorKey}x`, '']) {
    for (const body of [people, 'nonsense']) {
      const answer = await house.call('/api/operator/people', { body, bearer });
      expect([answer.status, answer.json.code]).toEqual([404, 'not_found']);
    }
  }
  expect((await house.call('/api/operator/clock', { body: { advanceMs: 1 } })).json.code).toBe(
    'not_found',
  );
});

test('people of the host application are signed in, known to the person family and follow whom they follow', async () => {
  const house = await startAccounts();
  const { status, json } = await bring(house, [
    {
      username: 'Alice',
      name: 'Alice',
      follows: ['shop', 'shop', 'alice'],
      createdAt: '2020-01-02T03:04:05.678Z',
    },
    { username: 'shop', name: 'The Shop', kind: 'brand', owner: 'acme' },
  ]);
  expect(status).toBe(200);
  expect(json.map((p: { username: string }) => p.username)).toEqual(['alice', 'shop']);
  for (const { id, token } of json) {
    expect((await house.call('/api/whoami', { bearer: token })).json.viewer.personId).toBe(id);
  }
  const [alice, shop] = json;
  expect(
    await house.person.query(
      'select user_id::text as "from", followee_id::text as "to" from follow',
    ),
  ).toEqual([{ from: alice.id, to: shop.id }]);
  expect(
    await house.person.query(
      'select user_id::text as id, username, name, kind, owner, created_at from person order by username',
    ),
  ).toEqual([
    {
      id: alice.id,
      username: 'alice',
      name: 'Alice',
      kind: 1,
      owner: null,
      created_at: new Date('2020-01-02T03:04:05.678Z'),
    },
    {
      id: shop.id,
      username: 'shop',
      name: 'The Shop',
      kind: 2,
      owner: 'acme',
      created_at: expect.any(Date),
    },
  ]);
});

test('bringing people again changes what changed and keeps the rest', async () => {
  const house = await startAccounts();
  const [first] = (
    await bring(house, [{ username: 'shop', name: 'Shop', kind: 'brand', owner: 'acme' }])
  ).json;
  const [second] = (
    await bring(house, [
      { username: 'SHOP', name: 'New Shop' },
      { username: 'bob', name: 'Bob', follows: ['shop'] },
    ])
  ).json;
  expect(second).toEqual(first);
  const rows = await house.person.query(
    `select name, kind, owner from person where username = 'shop'`,
  );
  expect(rows).toEqual([{ name: 'New Shop', kind: 2, owner: 'acme' }]);
  expect(await house.person.query('select 1 from follow')).toHaveLength(1);
  // A token that was signed out is replaced.
  await house.call('/api/auth/sign-out', { method: 'POST', bearer: first.token });
  const [third] = (await bring(house, [{ username: 'shop', name: 'New Shop' }])).json;
  expect([third.id, third.token === first.token]).toEqual([first.id, false]);
  expect((await house.call('/api/whoami', { bearer: third.token })).json.viewer.personId).toBe(
    first.id,
  );
});

test('the key opens no account that somebody made for themselves, and no retired name', async () => {
  const house = await startAccounts();
  await house.signUp('alice');
  await house.db.query(`insert into retired_username values ('gone', now())`);
  expect((await bring(house, [{ username: 'bob', name: 'Bob' }])).status).toBe(200);
  for (const username of ['alice', 'ALICE', 'gone']) {
    const answer = await bring(house, [
      { username: 'carol', name: 'Carol' },
      { username, name: 'X' },
    ]);
    expect([answer.status, answer.json.code]).toEqual([409, 'username_taken']);
    expect(answer.json.detail).toContain(username.toLowerCase());
  }
  expect(await house.db.query('select username from "user" order by 1')).toEqual([
    { username: 'alice' },
    { username: 'bob' },
  ]);
});

test('follows may name people of the directory and of later entries; unknown names are named and nothing is written', async () => {
  const house = await startAccounts();
  const dave = await house.signUp('dave');
  const good = await bring(house, [
    { username: 'alice', name: 'A', follows: ['bob', 'Dave'] },
    { username: 'bob', name: 'B' },
  ]);
  expect(good.status).toBe(200);
  const followed = await house.person.query<{ to: string }>(
    'select followee_id::text as "to" from follow',
  );
  expect(new Set(followed.map(({ to }) => to))).toEqual(new Set([good.json[1].id, dave.id]));
  const bad = await bring(house, [{ username: 'carol', name: 'C', follows: ['bob', 'nobody'] }]);
  expect([bad.status, bad.json.code]).toEqual([400, 'invalid']);
  expect(bad.json.detail).toContain('nobody');
  expect(await house.db.query(`select 1 from "user" where username = 'carol'`)).toEqual([]);
});

test('a batch that is not well formed is refused by name', async () => {
  const house = await startAccounts();
  const good = { username: 'alice', name: 'Alice' };
  const tomorrow = new Date(house.clock.now() + 86_400_000).toISOString();
  const bad: unknown[] = [
    {},
    [],
    [{ ...good, username: 'a b c' }],
    [{ ...good, name: '' }],
    [{ ...good, name: 'a\0' }],
    [{ ...good, name: 'x'.repeat(51) }],
    [{ ...good, kind: 'robot' }],
    [{ ...good, createdAt: tomorrow }],
    [{ ...good, createdAt: 'yesterday' }],
    [{ ...good, owner: '\0' }],
    [{ ...good, extra: 1 }],
    Array.from({ length: 1_001 }, (_, n) => ({ username: `user${n}`, name: 'x' })),
  ];
  for (const people of bad) {
    const { status, json } = await bring(house, people);
    const asked = JSON.stringify(people).slice(0, 100);
    expect({ asked, status, code: json.code }).toEqual({ asked, status: 400, code: 'invalid' });
  }
  expect((await bring(house, [good])).status).toBe(200);
});

test('a thousand people with ten follows each come within two seconds, and again', async () => {
  const house = await startAccounts();
  const people = Array.from({ length: 1_000 }, (_, n) => ({
    username: `user${n}`,
    name: `Person Number ${n}`,
    follows: Array.from({ length: 10 }, (__, k) => `user${(n + k + 1) % 1_000}`),
  }));
  for (let round = 1; round <= 2; round += 1) {
    const before = performance.now();
    const { status, json } = await bring(house, people);
    expect([status, json.length]).toEqual([200, 1_000]);
    expect(performance.now() - before).toBeLessThan(2_000);
  }
  expect(await house.person.query('select 1 from follow')).toHaveLength(10_000);
});

test('two calls with the same people at once agree on their ids', async () => {
  const house = await startAccounts();
  const people = Array.from({ length: 50 }, (_, n) => ({ username: `user${n}`, name: 'x' }));
  const [one, other] = await Promise.all([bring(house, people), bring(house, people.toReversed())]);
  expect([one.status, other.status]).toEqual([200, 200]);
  const idsOf = ({ json }: Answer): Set<string> =>
    new Set(json.map(({ id }: { id: string }) => id));
  expect(idsOf(one)).toEqual(idsOf(other));
});

test('the operator moves the clock forward, never back and never too far', async () => {
  const house = await startAccounts();
  const advance = (advanceMs: unknown): Promise<Answer> =>
    house.call('/api/operator/clock', { body: { advanceMs }, bearer: operatorKey });
  const before = house.clock.now();
  const { status, json } = await advance(3_600_000);
  expect(status).toBe(200);
  expect(Date.parse(json.now) - before).toBeGreaterThanOrEqual(3_600_000);
  for (const wrong of [-1, 1.5, '1', 1e12, null]) expect((await advance(wrong)).status).toBe(400);
});

test('people of the host application have no password that anybody could guess or reset', async () => {
  const house = await startAccounts();
  await bring(house, [{ username: 'alice', name: 'Alice' }]);
  const signIn = await house.call('/api/auth/sign-in/username', {
    body: { username: 'alice', password: 'password' },
  });
  expect([signIn.status, signIn.json.code]).toEqual([401, 'INVALID_USERNAME_OR_PASSWORD']);
  const reset = { body: { email: 'alice@people.invalid' } };
  expect((await house.call('/api/auth/request-password-reset', reset)).status).toBe(200);
  expect(house.mails).toEqual([]);
});
