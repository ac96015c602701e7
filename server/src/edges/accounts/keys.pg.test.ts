import { expect, test } from 'vitest';
import {
  operatorKey,
  startAccounts,
  type AccountsHouse,
  type Person,
} from '../../../test/_support/start-accounts.ts';

const minuteMs = 60_000;

async function makeKey(house: AccountsHouse, { token }: Person): Promise<string> {
  return (await house.call('/api/keys', { bearer: token, body: { name: 'Bot' } })).json.key;
}

async function viewer(house: AccountsHouse, bearer: string): Promise<Record<string, unknown>> {
  return (await house.call('/api/whoami', { bearer })).json.viewer;
}

test('the door tells what a program does with a key from what a person does in a session', async () => {
  const house = await startAccounts();
  const alice = await house.signUp('alice');
  const key = await makeKey(house, alice);
  const session = { personId: alice.id, origin: 'interactive', suspended: false };
  expect(await viewer(house, alice.token)).toMatchObject({ ...session, via: 'bearer' });
  expect((await house.call('/api/whoami', { cookie: alice.cookie })).json.viewer).toMatchObject({
    ...session,
    via: 'cookie',
  });
  const byKey = await viewer(house, key);
  expect(byKey).toMatchObject({
    personId: alice.id,
    origin: 'automated',
    suspended: false,
    via: 'key',
  });
  expect(byKey['sessionId']).toMatch(/^key:[1-9]\d+$/);
  expect(await house.door.resolveToken(key)).toMatchObject({ via: 'key', origin: 'automated' });
  house.clock.advance(400 * 24 * 60 * minuteMs);
  expect(await viewer(house, key)).toMatchObject({ via: 'key' });
  expect(await viewer(house, alice.token)).toBeNull();
});

test('a key in the header decides alone, whatever cookie lies beside it', async () => {
  const house = await startAccounts();
  const [alice, bob] = [await house.signUp('alice'), await house.signUp('bob')];
  const bearer = await makeKey(house, alice);
  const asked = { bearer, cookie: bob.cookie };
  expect((await house.call('/api/whoami', asked)).json.viewer).toMatchObject({
    personId: alice.id,
    via: 'key',
  });
  const wrong = { bearer: `aside_${'x'.repeat(43)}`, cookie: bob.cookie };
  expect((await house.call('/api/whoami', wrong)).json.viewer).toBeNull();
  // better-auth would take the cookie, and sign Bob out or change his password.
  const refused = { status: 403, json: { code: 'SESSION_REQUIRED' } };
  expect(await house.call('/api/auth/sign-out', { method: 'POST', ...asked })).toMatchObject(
    refused,
  );
  expect(await house.call('/api/auth/get-session', asked)).toMatchObject(refused);
  expect((await house.call('/api/whoami', { cookie: bob.cookie })).json.viewer).toMatchObject({
    personId: bob.id,
  });
});

test('a burst of requests with one key asks the database once', async () => {
  const house = await startAccounts();
  const alice = await house.signUp('alice');
  const key = await makeKey(house, alice);
  let reads = 0;
  const { query } = house.db;
  house.db.query = (text, values) => {
    if (text.includes('from api_key k')) reads += 1;
    return query(text, values);
  };
  const found = await Promise.all(Array.from({ length: 50 }, () => house.door.resolveToken(key)));
  expect(found.every((each) => each?.personId === alice.id)).toBe(true);
  expect(reads).toBe(1);
});

test('the last use of a key is noted once an hour', async () => {
  const house = await startAccounts();
  const alice = await house.signUp('alice');
  const key = await makeKey(house, alice);
  const lastUsedAt = async (): Promise<number> =>
    Date.parse((await house.call('/api/keys', { bearer: alice.token })).json.keys[0].lastUsedAt);
  const use = async (): Promise<void> => {
    // As if this node had not seen the key for a while.
    house.door.forget(alice.id, 'all');
    expect(await viewer(house, key)).not.toBeNull();
  };
  expect(await lastUsedAt()).toBeNaN();
  await use();
  const first = await lastUsedAt();
  expect(Math.abs(first - house.clock.now())).toBeLessThan(minuteMs);
  house.clock.advance(59 * minuteMs);
  await use();
  expect(await lastUsedAt()).toBe(first);
  house.clock.advance(2 * minuteMs);
  await use();
  expect(await lastUsedAt()).toBeGreaterThanOrEqual(first + 61 * minuteMs);
});

test('a key works for a person whom the person family was never told of', async () => {
  const house = await startAccounts();
  const alice = await house.signUp('alice');
  const key = await makeKey(house, alice);
  await house.db.query('update "user" set "personMade" = false where id = $1', [alice.id]);
  await house.person.query('delete from person where user_id = $1', [alice.id]);
  expect(await viewer(house, key)).toMatchObject({ personId: alice.id });
  const rows = await house.person.query('select 1 from person where user_id = $1', [alice.id]);
  expect(rows).toHaveLength(1);
});

test('the door knows of a suspension at once, and of its end, for sessions and keys', async () => {
  const house = await startAccounts();
  const [alice, bob] = [await house.signUp('alice'), await house.signUp('bob')];
  const key = await makeKey(house, alice);
  const suspended = async (): Promise<unknown[]> =>
    (await Promise.all([alice.token, key, bob.token].map((bearer) => viewer(house, bearer)))).map(
      (each) => each['suspended'],
    );
  const change = async (method: string): Promise<number> =>
    (await house.call('/api/operator/people/alice/suspension', { method, bearer: operatorKey }))
      .status;
  expect(await suspended()).toEqual([false, false, false]);
  expect(await change('PUT')).toBe(204);
  expect(await suspended()).toEqual([true, true, false]);
  expect(await change('DELETE')).toBe(204);
  expect(await suspended()).toEqual([false, false, false]);
});
