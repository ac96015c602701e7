import type { ProfileView } from '@aside/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bringPeople, until, type TestPerson } from './_support/people.ts';
import { openSocket } from './_support/spy-socket.ts';
import { startTestApp, type TestApp } from './_support/start-app.ts';

// A block is opaque and total as seen from the blocked account, and there when it is answered.

let app: TestApp;
let count = 0;

beforeAll(async () => {
  app = await startTestApp({ env: { SEND_RATE: '100000', SEND_BURST: '100000' } });
});
afterAll(() => app.stop());

/** Mallory and a stranger stand alike to the recipient, who is Alice. */
async function three(): Promise<Record<'alice' | 'mallory' | 'stranger', TestPerson>> {
  count += 1;
  const names = ['alice', 'mallory', 'stranger'].map((name) => `${name}_${count}`);
  const people = await bringPeople(app.url, names);
  const [alice, mallory, stranger] = names.map((name) => people[name]!);
  return { alice: alice!, mallory: mallory!, stranger: stranger! };
}

const block = (one: TestPerson, other: TestPerson) =>
  one.call('PUT', `/api/people/${other.username}/block`);
const unblock = (one: TestPerson, other: TestPerson) =>
  one.call('DELETE', `/api/people/${other.username}/block`);
const follow = (one: TestPerson, other: TestPerson) =>
  one.call('PUT', `/api/people/${other.username}/follow`);

async function rawPost(
  sender: TestPerson,
  path: string,
): Promise<{ status: number; text: string; type: string | null }> {
  const response = await fetch(app.url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${sender.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ clientId: crypto.randomUUID(), text: 'Hello' }),
  });
  return {
    status: response.status,
    text: await response.text(),
    type: response.headers.get('content-type'),
  };
}

describe('opaque', () => {
  test('who is blocked gets, byte for byte, what a stranger gets', async () => {
    const { alice, mallory, stranger } = await three();
    const path = `/api/conversations/with/${alice.username}/messages`;
    const asStranger = await rawPost(stranger, path);
    expect(asStranger.status).toBe(403);
    expect(await rawPost(mallory, path)).toEqual(asStranger);
    await block(alice, mallory);
    expect(await rawPost(mallory, path)).toEqual(asStranger);

    const [one, other] = [
      await openSocket(app.url, mallory.token),
      await openSocket(app.url, stranger.token),
    ];
    const clientId = crypto.randomUUID();
    expect(await one.write({ to: alice.username }, 'Hello', clientId)).toEqual(
      await other.write({ to: alice.username }, 'Hello', clientId),
    );
    await Promise.all([one.close(), other.close()]);
  });

  test('a block, an unblock and their repetition change nothing that the blocked one can read', async () => {
    const { alice, mallory, stranger } = await three();
    await follow(mallory, alice);
    const socket = await openSocket(app.url, mallory.token);
    const view = async (): Promise<string> =>
      JSON.stringify([
        (await mallory.get(`/api/people/${alice.username}`)).body,
        (await mallory.get(`/api/people?q=${alice.username}`)).body,
        (await mallory.get('/api/conversations')).body,
        (await mallory.get('/api/me')).body,
      ]);
    const before = await view();
    await block(alice, mallory);
    expect(await view()).toBe(before);
    await block(alice, mallory);
    await mallory.write(alice.username, 'refused anyway');
    expect(await view()).toBe(before);
    await unblock(alice, mallory);
    expect(await view()).toBe(before);
    socket.send({ t: 'ping' });
    await socket.frame('pong');
    expect(socket.frames.map((f) => f.t)).toEqual(['welcome', 'pong']);
    await socket.close();
    // The twin: what the blocker can read does change.
    await block(alice, stranger);
    expect((await alice.get('/api/blocks')).body).toMatchObject({ people: [{ id: stranger.id }] });
  });

  test('in a conversation they share, the row, the log and the counters of the blocked one stay as they were', async () => {
    const { alice, mallory } = await three();
    await follow(alice, mallory);
    const { conversationId } = (await mallory.write(alice.username, 'Hello')).body.message;
    await alice.writeIn(conversationId, 'Hello yourself');
    const socket = await openSocket(app.url, mallory.token);
    await until(async () => (await mallory.inbox())[0]?.headSeq === 2);
    const view = async (): Promise<string> =>
      JSON.stringify([
        await mallory.inbox(),
        await mallory.messages(conversationId),
        (await openSocketAndLeave(mallory)).pos,
      ]);
    const before = await view();
    await block(alice, mallory);
    expect(await view()).toBe(before);
    await unblock(alice, mallory);
    expect(await view()).toBe(before);
    await socket.close();
  });

  test('the blocker’s own follow ends, and the blocker no longer sees the follow of the blocked one', async () => {
    const { alice, mallory } = await three();
    await follow(alice, mallory);
    await follow(mallory, alice);
    await block(alice, mallory);
    const seen = (await alice.get<ProfileView>(`/api/people/${mallory.username}`)).body
      .relationship;
    expect(seen).toMatchObject({ following: false, followedBy: false, blocking: true });
    const own = (await mallory.get<ProfileView>(`/api/people/${alice.username}`)).body.relationship;
    expect(own).toMatchObject({ following: true, followedBy: false, blocking: false });
  });
});

describe('total', () => {
  test('neither HTTP nor the socket, neither the name nor the conversation is a way in', async () => {
    const { alice, mallory } = await three();
    await follow(alice, mallory);
    const first = await mallory.write(alice.username, 'Hello');
    const { conversationId } = first.body.message;
    await alice.writeIn(conversationId, 'Hello yourself');
    const socket = await openSocket(app.url, mallory.token);
    expect((await mallory.writeIn(conversationId, 'the allowed twin')).status).toBe(201);
    await block(alice, mallory);
    for (const answer of [
      await mallory.write(alice.username, 'by name'),
      await mallory.writeIn(conversationId, 'by id'),
    ]) {
      expect(answer).toMatchObject({ status: 403, body: { code: 'not_accepting' } });
    }
    for (const target of [{ to: alice.username }, { conversationId }]) {
      expect(await socket.write(target, 'by socket')).toMatchObject({
        t: 'refused',
        code: 'not_accepting',
      });
    }
    // A retry of what was sent before is no new message: it is answered as ever.
    expect((await mallory.write(alice.username, 'Hello', first.body.message.clientId)).status).toBe(
      200,
    );
    expect((await alice.messages(conversationId)).length).toBe(3);
    await socket.close();
  });

  test('typing does not reach who blocked the writer', async () => {
    const { alice, mallory } = await three();
    await follow(alice, mallory);
    const { conversationId } = (await mallory.write(alice.username, 'Hello')).body.message;
    await alice.writeIn(conversationId, 'Hello yourself');
    const [one, other] = [
      await openSocket(app.url, alice.token),
      await openSocket(app.url, mallory.token),
    ];
    other.send({ t: 'typing', conversationId });
    await one.frame('typing');
    await block(alice, mallory);
    const seen = one.frames.length;
    other.send({ t: 'typing', conversationId });
    other.send({ t: 'ping' });
    await other.frame('pong');
    one.send({ t: 'ping' });
    await one.frame('pong');
    expect(one.frames.slice(seen).filter((f) => f.t === 'typing')).toEqual([]);
    await Promise.all([one.close(), other.close()]);
  });

  test('who blocks cannot write either, and is told why', async () => {
    const { alice, mallory } = await three();
    await follow(mallory, alice);
    expect((await alice.write(mallory.username, 'Hello')).status).toBe(201);
    await block(alice, mallory);
    expect(await alice.write(mallory.username, 'Hello')).toMatchObject({
      status: 403,
      body: { code: 'you_blocked' },
    });
    const view = await alice.get<ProfileView>(`/api/people/${mallory.username}`);
    expect(view.body.contact).toMatchObject({ allowed: false, code: 'you_blocked' });
    expect(await alice.call('PUT', `/api/people/${mallory.username}/follow`)).toMatchObject({
      status: 403,
      body: { code: 'you_blocked' },
    });
    await unblock(alice, mallory);
    expect((await alice.write(mallory.username, 'Hello again')).status).toBe(201);
  });
});

test('of fifty messages under way, none arrives after the block is answered', async () => {
  const { alice, mallory } = await three();
  await follow(alice, mallory);
  const { conversationId } = (await mallory.write(alice.username, 'Hello')).body.message;
  await alice.writeIn(conversationId, 'Hello yourself');
  const socket = await openSocket(app.url, alice.token);
  const sends = Array.from({ length: 50 }, (_, i) => mallory.writeIn(conversationId, `text ${i}`));
  await Promise.race(sends);
  expect((await block(alice, mallory)).status).toBe(200);
  const atBlock = (await alice.messages(conversationId)).length;
  const frames = socket.messages(conversationId).length;
  const answers = await Promise.all(sends);
  const later = await Promise.all(
    Array.from({ length: 10 }, () => mallory.writeIn(conversationId, 'later')),
  );
  expect(later.every((answer) => answer.body.code === 'not_accepting')).toBe(true);
  expect((await alice.messages(conversationId)).length).toBe(atBlock);
  expect(answers.filter((answer) => answer.status === 201).length).toBe(atBlock - 2);
  socket.send({ t: 'ping' });
  await socket.frame('pong');
  expect(socket.messages(conversationId).length).toBe(Math.max(frames, atBlock - 2));
  await socket.close();
});

test('blocking and unblocking from two devices at once leaves both families saying the same', async () => {
  for (let round = 0; round < 5; round += 1) {
    const { alice, mallory } = await three();
    await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        i % 2 === 0 ? block(alice, mallory) : unblock(alice, mallory),
      ),
    );
    const { person, conversation } = app.app.world.families;
    const listed = await person.query('select 1 from block where user_id = $1', [alice.id]);
    const [member] = await conversation.query<{ blocks: boolean }>(
      'select blocks from member where user_id = $1',
      [alice.id],
    );
    expect(member!.blocks).toBe(listed.length === 1);
    expect(await person.query('select 1 from intent where user_id = $1', [alice.id])).toEqual([]);
  }
});

test('after an unblock things stand as before the block, but nobody is followed again', async () => {
  const { alice, mallory } = await three();
  await follow(alice, mallory);
  expect((await mallory.write(alice.username, 'Hello')).status).toBe(201);
  await block(alice, mallory);
  await unblock(alice, mallory);
  expect((await mallory.write(alice.username, 'Hello')).body.code).toBe('not_accepting');
  await follow(alice, mallory);
  expect((await mallory.write(alice.username, 'Hello')).status).toBe(201);
  expect((await alice.get('/api/blocks')).body).toEqual({ people: [] });
});

async function openSocketAndLeave(who: TestPerson): Promise<{ pos: number }> {
  const socket = await openSocket(app.url, who.token);
  const welcome = await socket.frame('welcome');
  await socket.close();
  return welcome;
}
