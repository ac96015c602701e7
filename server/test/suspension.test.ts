import { expect, test } from 'vitest';
import { closeCodes } from '@aside/protocol';
import { aliceBobMallory, befriend, bringPeople, call, until } from './_support/people.ts';
import { openSocket } from './_support/spy-socket.ts';
import { ask } from './_support/sql.ts';
import { appForTest, operatorKey, type TestApp } from './_support/start-app.ts';

// An operator can stop an account from sending without taking anything away from it.

const suspend = (
  app: TestApp,
  username: string,
  method = 'PUT',
  key: string | null = operatorKey,
) =>
  call<{ code: string } | null>(
    app.url,
    key,
    method,
    `/api/operator/people/${username}/suspension`,
  );

test('who is suspended can sign in and read, and is told apart only by what they send', async () => {
  const app = await appForTest();
  const { alice, bob } = await aliceBobMallory(app.url);
  const conversationId = await befriend(bob, alice);
  expect(await suspend(app, 'alice')).toMatchObject({ status: 204, body: null });
  expect((await alice.get('/api/me')).status).toBe(200);
  expect(await alice.inbox()).toHaveLength(1);
  expect(await alice.messages(conversationId)).toHaveLength(2);
  const read = await alice.call('POST', `/api/conversations/${conversationId}/read`, { seq: 1 });
  expect(read.status).toBeLessThan(300);
  await openSocket(app.url, alice.token);
});

test('what was held when somebody was suspended does not leave by signing in again', async () => {
  const app = await appForTest();
  /** A link goes to six people, the last of whom waits for the next sign-in; answers how much each has got then. */
  const arrivals = async (
    username: string,
    meanwhile: () => Promise<unknown>,
  ): Promise<number[]> => {
    const { [username]: sender } = await bringPeople(app.url, [username]);
    const names = [1, 2, 3, 4, 5, 6].map((i) => `friend_${i}.${username}`);
    const follows = Object.fromEntries(names.map((name) => [name, [username]]));
    const friends = Object.values(await bringPeople(app.url, names, follows));
    const ids: string[] = [];
    for (const friend of friends) {
      const id = await befriend(sender!, friend);
      ids.push(id);
      await sender!.writeIn(id, 'Look: https://example.org');
    }
    const waiting = async (): Promise<number> =>
      (await sender!.get<{ held: unknown[] }>('/api/held')).body.held.length;
    expect(await waiting()).toBe(1);
    await meanwhile();
    await bringPeople(app.url, [username]);
    await until(async () => (await waiting()) === 0);
    const logs = await Promise.all(friends.map((friend, i) => friend.messages(ids[i]!)));
    return logs.map((log) => log.length);
  };
  expect(await arrivals('alice', async () => {})).toEqual([3, 3, 3, 3, 3, 3]);
  expect(await arrivals('mallory', () => suspend(app, 'mallory'))).toEqual([3, 3, 3, 3, 3, 2]);
});

test('open sockets of who is suspended say hello again; those of others stay', async () => {
  const app = await appForTest();
  const { alice, bob } = await aliceBobMallory(app.url);
  for (const method of ['PUT', 'DELETE']) {
    const [socket, other] = [
      await openSocket(app.url, alice.token),
      await openSocket(app.url, bob.token),
    ];
    expect((await suspend(app, 'alice', method)).status).toBe(204);
    expect(await until(() => socket.closed?.code)).toBe(closeCodes.renew.code);
    other.send({ t: 'ping' });
    await other.frame('pong');
  }
});

test('suspending twice keeps the first time; lifting what is not there is no error', async () => {
  const app = await appForTest();
  await bringPeople(app.url, ['alice']);
  const since = async (): Promise<Date | null> =>
    (
      await ask<{ at: Date | null }>(
        app.urls.identity,
        `select "suspendedAt" as at from "user" where username = 'alice'`,
      )
    )[0]!.at;
  expect((await suspend(app, 'alice', 'DELETE')).status).toBe(204);
  expect(await since()).toBeNull();
  expect((await suspend(app, 'Alice')).status).toBe(204);
  const first = await since();
  expect(first).not.toBeNull();
  await call(app.url, operatorKey, 'POST', '/api/operator/clock', { advanceMs: 60_000 });
  expect((await suspend(app, 'alice')).status).toBe(204);
  expect(await since()).toEqual(first);
  expect((await suspend(app, 'alice', 'DELETE')).status).toBe(204);
  expect(await since()).toBeNull();
});

test('nobody is suspended by a name that is nobody’s, or without the operator’s key', async () => {
  const app = await appForTest();
  const { alice, mallory } = await aliceBobMallory(app.url);
  const notFound = { status: 404, body: { code: 'not_found' } };
  for (const method of ['PUT', 'DELETE']) {
    expect((await suspend(app, 'alice', method)).status).toBe(204);
    for (const name of ['nobody', 'x', 'a%00b', '%27%20or%201=1', 'ALICE%20', 'é'.repeat(40)]) {
      expect([name, await suspend(app, name, method)]).toMatchObject([name, notFound]);
    }
    for (const key of [null, mallory.token, alice.token, 'wrong', `${operatorKey}x`]) {
      expect(await suspend(app, 'alice', method, key)).toMatchObject(notFound);
    }
  }
});
