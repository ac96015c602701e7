import type { HeldMessage } from '@aside/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dropOldHeld } from '../src/actions/release-held.ts';
import { totpCode } from './_support/start-accounts.ts';
import { act, block, dayMs, openHouse, request, type House } from './_support/house.ts';
import { call, person, until, type TestPerson } from './_support/people.ts';

// A link that is new for an account and goes to many friends at once waits until the account's owner has signed in again.

let house: House;

beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.app.stop());

interface Circle {
  sam: TestPerson;
  friends: TestPerson[];
  /** The conversation with each. */
  ids: string[];
}

const friendNames = Array.from({ length: 8 }, (_, i) => `f${i}x`);

async function befriended(sam: TestPerson): Promise<Circle> {
  const friends = Object.values<TestPerson>(
    await house.bring(
      Object.fromEntries(friendNames.map((name) => [name, { reach: 'everyone' as const }])),
    ),
  );
  const ids: string[] = [];
  for (const [i, friend] of friends.entries()) {
    const id = await request(sam, friend, `Hi ${'abcdefgh'[i]}`);
    await act(friend, id, 'accept');
    ids.push(id);
  }
  return { sam, friends, ids };
}

async function circle(): Promise<Circle> {
  const { sam } = await house.bring({ sam: {} });
  return befriended(sam);
}

const link = 'Look at https://evil.example/x';

/** Sends the link to the first five, whom it reaches, and to the sixth. */
async function spread({ sam, ids }: Circle, text = link): Promise<string> {
  for (const id of ids.slice(0, 5)) expect((await sam.writeIn(id, text)).status).toBe(201);
  const clientId = crypto.randomUUID();
  expect(await sam.writeIn(ids[5]!, text, clientId)).toMatchObject({
    status: 202,
    body: { code: 'held', status: 202, title: expect.any(String) },
  });
  return clientId;
}

const held = async (sam: TestPerson): Promise<HeldMessage[]> =>
  (await sam.get<{ held: HeldMessage[] }>('/api/held')).body.held;

/** As the host application does it. */
async function signIn(one: TestPerson): Promise<void> {
  await house.wait(0, [one]);
}

describe('the brake', () => {
  test('holds the sixth conversation with a new host, by HTTP and socket', async () => {
    const here = await circle();
    const { sam, friends, ids } = here;
    const clientId = await spread(here);
    expect(await friends[5]!.messages(ids[5]!)).toHaveLength(1);
    expect(await held(sam)).toEqual([
      {
        clientId,
        conversationId: ids[5],
        text: link,
        heldAt: expect.stringMatching(/Z$/),
      },
    ]);
    const socket = await house.watch(sam);
    const refused = await socket.write({ conversationId: ids[6]! }, `Again ${link}`);
    expect(refused).toMatchObject({ t: 'refused', code: 'held', detail: expect.any(String) });
    expect(await held(sam)).toHaveLength(2);
    // Those whom it reached before get it no more either, and nobody else sees what waits.
    expect((await sam.writeIn(ids[0]!, `Once more ${link}`)).status).toBe(202);
    expect(await held(friends[5]!)).toEqual([]);
  });

  test('lets other texts and other hosts flow', async () => {
    const here = await circle();
    await spread(here);
    const { sam, friends, ids } = here;
    expect((await sam.writeIn(ids[5]!, 'Did you get my link?')).status).toBe(201);
    expect((await sam.writeIn(ids[5]!, 'https://other.example/')).status).toBe(201);
    expect((await friends[0]!.writeIn(ids[0]!, link)).status).toBe(201);
    // A disguise is the same host; two hosts are as bad as the worse.
    expect((await sam.writeIn(ids[6]!, 'HTTPS://EVIL.EXAMPLE./y')).status).toBe(202);
    expect(
      (await sam.writeIn(ids[6]!, 'http://evil。example and http://good.example')).status,
    ).toBe(202);
  });

  test('answers a repeated client id alike, and another text under it is another message', async () => {
    const here = await circle();
    const clientId = await spread(here);
    const { sam, ids } = here;
    for (let i = 0; i < 3; i += 1) {
      expect((await sam.writeIn(ids[5]!, link, clientId)).status).toBe(202);
    }
    expect(await held(sam)).toHaveLength(1);
    expect((await sam.writeIn(ids[5]!, `${link}2`, clientId)).body.code).toBe('client_id_reused');
  });

  test('does not let go by itself, neither after ten minutes nor after six days', async () => {
    const here = await circle();
    await spread(here);
    const { sam, friends, ids } = here;
    for (const ms of [600_000, 6 * dayMs - 600_000]) {
      await house.advance(ms);
      expect((await sam.writeIn(ids[6]!, link)).status).toBe(202);
      expect(await friends[5]!.messages(ids[5]!)).toHaveLength(1);
    }
    expect(await held(sam)).toHaveLength(3);
  });

  test('is for hosts that are new: one known for more than ten minutes flows to everybody', async () => {
    const { sam, ids } = await circle();
    await sam.writeIn(ids[0]!, 'My own page: https://sam.example');
    await house.advance(600_000);
    for (const id of ids) {
      expect((await sam.writeIn(id, 'Look at https://sam.example/new')).status).toBe(201);
    }
  });

  test('holds a message that shows more sites than anybody shows a friend', async () => {
    const { sam, ids } = await circle();
    const sites = (count: number): string =>
      Array.from({ length: count }, (_, i) => `https://site${i}.example/`).join(' ');
    expect((await sam.writeIn(ids[0]!, sites(20))).status).toBe(201);
    expect((await sam.writeIn(ids[0]!, sites(21))).body.code).toBe('held');
  });

  test('counts conversations, not messages', async () => {
    const { sam, ids } = await circle();
    for (let i = 0; i < 12; i += 1) {
      expect((await sam.writeIn(ids[i % 5]!, `${link}${i}`)).status).toBe(201);
    }
  });

  test('of twenty at once lets five through', async () => {
    const { sam, ids } = await circle();
    const statuses = await Promise.all(
      ids.flatMap((id) => [0, 1].map(async (n) => (await sam.writeIn(id, `${link}${n}`)).status)),
    );
    expect(new Set(statuses)).toEqual(new Set([201, 202]));
    const reached = await Promise.all(
      ids.map(async (id) => (await sam.messages(id)).some((m) => m.text.includes('evil'))),
    );
    expect(reached.filter(Boolean).length).toBeLessThanOrEqual(5);
  });
});

describe('a new sign-in', () => {
  test('by the host application lets everything go, in order and under its own client ids', async () => {
    const here = await circle();
    const { sam, friends, ids } = here;
    const clientIds = [await spread(here)];
    for (const [i, text] of ['Second', 'Third', 'Fourth'].entries()) {
      const clientId = crypto.randomUUID();
      await sam.writeIn(ids[i % 2 ? 5 : 6]!, `${text} ${link}`, clientId);
      clientIds.push(clientId);
    }
    await sam.writeIn(ids[5]!, 'Written in between');
    const [his, hers] = [await house.watch(sam), await house.watch(friends[5]!)];
    await signIn(sam);
    for (const clientId of clientIds) {
      await his.frame('message', (frame) => frame.message.clientId === clientId);
    }
    await until(() => hers.messages(ids[5]).length >= 2);
    expect(await until(async () => (await held(sam)).length === 0)).toBe(true);
    expect((await friends[5]!.messages(ids[5]!)).map((m) => m.text)).toEqual([
      'Hi f',
      'Written in between',
      link,
      `Third ${link}`,
    ]);
    expect((await friends[6]!.messages(ids[6]!)).map((m) => m.text)).toEqual([
      'Hi g',
      `Second ${link}`,
      `Fourth ${link}`,
    ]);
    // From now on the host is known, and a repeated client id finds the message it made.
    expect((await sam.writeIn(ids[7]!, link)).status).toBe(201);
    const again = await sam.writeIn(ids[5]!, link, clientIds[0]);
    expect(again).toMatchObject({ status: 200, body: { message: { seq: 3 } } });
  });

  test('decides each anew: what may not be sent any more is dropped, and the sender told', async () => {
    const here = await circle();
    const { sam, friends, ids } = here;
    const first = await spread(here);
    const second = crypto.randomUUID();
    await sam.writeIn(ids[6]!, link, second);
    const third = crypto.randomUUID();
    await sam.writeIn(ids[7]!, link, third);
    await block(friends[5]!, sam);
    await act(friends[6]!, ids[6]!, 'unaccept');
    await friends[6]!.call('PATCH', '/api/settings', { reach: 'nobody' });
    const socket = await house.watch(sam);
    await signIn(sam);
    for (const [clientId, index] of [
      [first, 5],
      [second, 6],
    ] as const) {
      expect(await socket.frame('dropped', (frame) => frame.clientId === clientId)).toEqual({
        t: 'dropped',
        conversationId: ids[index],
        clientId,
        code: 'not_accepting',
      });
    }
    await socket.frame('message', (frame) => frame.message.clientId === third);
    expect(await until(async () => (await held(sam)).length === 0)).toBe(true);
    expect(await friends[6]!.messages(ids[6]!)).toHaveLength(1);
  });

  test('of somebody whom the operator suspended meanwhile sends nothing', async () => {
    const here = await circle();
    const { sam, friends, ids } = here;
    await spread(here);
    await call(
      house.url,
      house.app.operatorKey,
      'PUT',
      `/api/operator/people/${sam.username}/suspension`,
    );
    await signIn(sam);
    expect(await until(async () => (await held(sam)).length === 0)).toBe(true);
    expect(await friends[5]!.messages(ids[5]!)).toHaveLength(1);
  });

  test('with name and password lets it go; one that lacks its second factor does not', async () => {
    const password = 'correct horse battery';
    const email = 'sue@mail.example';
    const signUp = await call<{ token: string; user: { id: string } }>(
      house.url,
      null,
      'POST',
      '/api/auth/sign-up/email',
      { email, password, name: 'Sue', username: 'sue_held' },
    );
    const sue = person(house.url, {
      id: signUp.body.user.id,
      username: 'sue_held',
      token: signUp.body.token,
    });
    const here = await befriended(sue);
    const enter = () =>
      call<{ token: string; twoFactorRedirect?: boolean }>(
        house.url,
        null,
        'POST',
        '/api/auth/sign-in/email',
        { email, password },
      );
    await spread(here);
    await enter();
    expect(await until(async () => (await held(sue)).length === 0)).toBe(true);
    expect(await here.friends[5]!.messages(here.ids[5]!)).toHaveLength(2);

    const enabled = await sue.call<{ totpURI: string }>('POST', '/api/auth/two-factor/enable', {
      password,
    });
    const code = totpCode(enabled.body.totpURI, Date.now());
    await sue.call('POST', '/api/auth/two-factor/verify-totp', { code });
    const after = 'Look at https://other.example/y';
    for (const id of here.ids.slice(0, 5)) await sue.writeIn(id, after);
    const wait = await sue.writeIn(here.ids[5]!, after);
    const mine =
      wait.status === 401
        ? person(house.url, { ...sue, token: await totpSession(enter, enabled.body.totpURI) })
        : sue;
    if (mine !== sue) {
      for (const id of here.ids.slice(0, 5)) await mine.writeIn(id, after);
      expect((await mine.writeIn(here.ids[5]!, after)).status).toBe(202);
    }
    const half = await enter();
    expect(half.body.twoFactorRedirect).toBe(true);
    // Longer than the release waits for the second factor; then the whole sign-in shows that it would have come.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(await held(mine)).toHaveLength(1);
    await totpSession(enter, enabled.body.totpURI);
    expect(await until(async () => (await held(mine)).length === 0)).toBe(true);
    expect(await here.friends[5]!.messages(here.ids[5]!)).toHaveLength(3);
  });
});

async function totpSession(
  enter: () => ReturnType<typeof call<{ token: string }>>,
  uri: string,
): Promise<string> {
  const half = await enter();
  const cookie = half.headers
    .getSetCookie()
    .map((line) => line.split(';', 1)[0])
    .join('; ');
  const answer = await fetch(`${house.url}/api/auth/two-factor/verify-totp`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie, origin: house.url },
    body: JSON.stringify({ code: totpCode(uri, Date.now()) }),
  });
  const { token } = (await answer.json()) as { token: string };
  expect(answer.status).toBe(200);
  return token;
}

describe('what waits', () => {
  test('is taken back by its sender, on all devices, and never sent', async () => {
    const here = await circle();
    const { sam, friends, ids } = here;
    const clientId = await spread(here);
    const socket = await house.watch(sam);
    expect((await friends[5]!.call('DELETE', `/api/held/${clientId}`)).status).toBe(404);
    expect((await sam.call('DELETE', `/api/held/${clientId.toUpperCase()}`)).status).toBe(204);
    expect(await socket.frame('dropped')).toEqual({
      t: 'dropped',
      conversationId: ids[5],
      clientId,
    });
    expect((await sam.call('DELETE', `/api/held/${clientId}`)).status).toBe(404);
    expect((await sam.call('DELETE', '/api/held/nonsense')).status).toBe(400);
    await signIn(sam);
    expect(await held(sam)).toEqual([]);
    expect(await friends[5]!.messages(ids[5]!)).toHaveLength(1);
  });

  test('is dropped after seven days without a sign-in', async () => {
    const here = await circle();
    const { sam, friends, ids } = here;
    const clientId = await spread(here);
    const socket = await house.watch(sam);
    await house.advance(7 * dayMs - 60_000);
    await dropOldHeld(house.app.app.world);
    expect(await held(sam)).toHaveLength(1);
    await house.advance(60_000);
    await dropOldHeld(house.app.app.world);
    expect(await socket.frame('dropped')).toMatchObject({ clientId, code: 'held' });
    expect(await held(sam)).toEqual([]);
    expect(await friends[5]!.messages(ids[5]!)).toHaveLength(1);
  });

  test('goes with its sender’s account', async () => {
    const here = await circle();
    await spread(here);
    await here.sam.call('DELETE', '/api/me');
    expect(await here.friends[5]!.messages(here.ids[5]!)).toHaveLength(1);
  });
});
