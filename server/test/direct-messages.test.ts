import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  aliceBobMallory,
  befriend,
  bringPeople,
  until,
  type TestPerson,
} from './_support/people.ts';
import { openSocket } from './_support/spy-socket.ts';
import { startTestApp, type TestApp } from './_support/start-app.ts';

// The same sentences with all four families in one database and with each in its own.
describe.each([
  { layout: 'one database', split: false },
  { layout: 'a database per family', split: true },
])('with $layout', ({ split }) => {
  let app: TestApp;
  let alice: TestPerson;
  let bob: TestPerson;
  let mallory: TestPerson;

  beforeAll(async () => {
    app = await startTestApp({ split });
    ({ alice, bob, mallory } = await aliceBobMallory(app.url));
    await befriend(alice, bob);
  });
  afterAll(() => app.stop());

  test('what one person writes first is a request of the other, and their inbox stays as it was', async () => {
    const { gina, hans } = await bringPeople(app.url, ['gina', 'hans'], { hans: ['gina'] });
    const sent = await gina.write('hans', 'Hello Hans 👋🏽');
    expect(sent.status).toBe(201);
    expect(sent.body).toMatchObject({
      arrived: 'requests',
      message: { seq: 1, senderId: gina.id },
    });
    const [request] = await hans.inbox('requests');
    expect(request).toMatchObject({ unread: 1, headSeq: 1, state: 'pending', folder: 'requests' });
    expect(request!.lastMessage?.text).toBe('Hello Hans 👋🏽');
    expect(await hans.inbox()).toEqual([]);
    const [own] = await gina.inbox();
    expect(own).toMatchObject({ id: request!.id, unread: 0, state: 'accepted' });
  });

  test('an answer moves the request to the inbox, and from then on both write as they like', async () => {
    const { ivan, judy } = await bringPeople(app.url, ['ivan', 'judy'], { judy: ['ivan'] });
    const id = (await ivan.write('judy', 'Hello')).body.message.conversationId;
    expect(await ivan.writeIn(id, 'Are you there?')).toMatchObject({
      status: 403,
      body: { code: 'request_pending' },
    });
    const answer = await judy.writeIn(id, 'Here I am');
    expect(answer).toMatchObject({ status: 201, body: { arrived: 'inbox', message: { seq: 2 } } });
    for (const seq of [3, 4]) {
      const next = await ivan.write('judy', `line ${seq}`);
      expect(next).toMatchObject({ status: 201, body: { arrived: 'inbox', message: { seq } } });
    }
    expect(await judy.inbox('requests')).toEqual([]);
    expect(await judy.inbox()).toMatchObject([
      { id, unread: 2, headSeq: 4, state: 'accepted', folder: 'inbox' },
    ]);
  });

  test('sixty-four sends at once get the numbers three to sixty-six, the same for both', async () => {
    const { carla, dan } = await bringPeople(app.url, ['carla', 'dan'], {
      carla: ['dan'],
      dan: ['carla'],
    });
    await befriend(carla, dan);
    const answers = await Promise.all(
      Array.from({ length: 64 }, (_, i) => carla.write('dan', `message ${i}`)),
    );
    const id = answers[0]!.body.message.conversationId;
    const dense = Array.from({ length: 64 }, (_, i) => i + 3);
    expect(answers.map((a) => a.body.message.seq).sort((a, b) => a - b)).toEqual(dense);
    expect((await carla.messages(id)).map((m) => m.seq)).toEqual([1, 2, ...dense]);
    expect(await dan.messages(id)).toEqual(await carla.messages(id));
  });

  test('a repeated client id gives the same message and a reused one is refused', async () => {
    const clientId = randomUUID();
    const first = await alice.write('bob', 'once', clientId);
    const again = await alice.write('bob', 'once', clientId.toUpperCase());
    expect(again.status).toBe(200);
    expect(again.body).toEqual(first.body);
    const reused = await alice.write('bob', 'something else', clientId);
    expect(reused).toMatchObject({ status: 409, body: { code: 'client_id_reused' } });
  });

  test('a stranger is refused, is told so before writing, and leaves no trace', async () => {
    expect((await alice.write('bob', 'allowed twin')).status).toBe(201);
    const hint = await mallory.get<{ contact: object }>('/api/people/alice');
    expect(hint.body.contact).toMatchObject({
      allowed: false,
      arrives: null,
      code: 'not_accepting',
    });
    const refused = await mallory.write('alice', 'buy my course');
    expect(refused).toMatchObject({ status: 403, body: { code: 'not_accepting' } });
    for (const folder of ['inbox', 'requests', 'archive']) {
      const rows = await alice.inbox(folder);
      expect(rows.some((c) => c.members.some((m) => m.id === mallory.id))).toBe(false);
    }
  });

  test('of sixty-four first messages at once one is a request, and the others are told that it waits', async () => {
    const { erik, frida } = await bringPeople(app.url, ['erik', 'frida'], { frida: ['erik'] });
    const answers = await Promise.all(
      Array.from({ length: 64 }, (_, i) => erik.write('frida', `message ${i}`)),
    );
    const [let_, ...more] = answers.filter(({ status }) => status === 201);
    expect(let_?.body).toMatchObject({ arrived: 'requests', message: { seq: 1 } });
    expect(more).toEqual([]);
    const refused = answers.filter(({ status }) => status !== 201);
    for (const { status, body } of refused) {
      expect([status, body.code]).toEqual([403, 'request_pending']);
    }
    expect(await frida.messages(let_!.body.message.conversationId)).toHaveLength(1);
  });

  test('a message is on every open device at once, the sender’s other one included', async () => {
    const [phone, laptop, bobs] = await Promise.all([
      openSocket(app.url, alice.token),
      openSocket(app.url, alice.token),
      openSocket(app.url, bob.token),
    ]);
    const ack = await phone.write({ to: 'bob' }, 'to everywhere');
    expect(ack).toMatchObject({ t: 'ack', arrived: 'inbox' });
    for (const device of [phone, laptop, bobs]) {
      await device.frame('message', (f) => f.message.text === 'to everywhere');
    }
    await Promise.all([phone.close(), laptop.close(), bobs.close()]);
  });

  test('reading on one device clears the count on the other', async () => {
    const sent = await alice.write('bob', 'read me');
    const { conversationId, seq } = sent.body.message;
    const other = await openSocket(app.url, bob.token);
    await bob.call('POST', `/api/conversations/${conversationId}/read`, { seq });
    await other.frame('tick', (f) =>
      f.rows.some((r) => r.conversationId === conversationId && r.readSeq === seq),
    );
    const rows = await bob.inbox();
    expect(rows.find((c) => c.id === conversationId)?.unread).toBe(0);
    await other.close();
  });

  test('a device that was away catches up by its position', async () => {
    const before = await openSocket(app.url, bob.token);
    const { pos } = await before.frame('welcome');
    await before.close();
    const sent = await alice.write('bob', 'while you were away');
    const after = await openSocket(app.url, bob.token, pos);
    const inbox = await after.frame('inbox');
    const row = inbox.rows.find((r) => r.id === sent.body.message.conversationId);
    expect(row?.lastMessage?.text).toBe('while you were away');
    expect(inbox.pos).toBeGreaterThan(pos);
    await after.close();
  });

  test('a note to oneself is a conversation of one', async () => {
    const sent = await alice.write('alice', 'buy thread');
    expect(sent.status).toBe(201);
    const note = await until(async () =>
      (await alice.inbox()).find((c) => c.id === sent.body.message.conversationId),
    );
    expect(note.members.map((m) => m.username)).toEqual(['alice']);
  });

  test('another member’s token never reads a foreign conversation', async () => {
    const sent = await alice.write('bob', 'between us');
    const id = sent.body.message.conversationId;
    expect((await bob.get(`/api/conversations/${id}`)).status).toBe(200);
    for (const path of [`/api/conversations/${id}`, `/api/conversations/${id}/messages`]) {
      const foreign = await mallory.get(path);
      const unknown = await mallory.get(path.replace(id, '123456789'));
      expect(foreign.status).toBe(404);
      expect(foreign.body).toEqual(unknown.body);
    }
    expect((await mallory.writeIn(id, 'me too')).status).toBe(404);
  });
});
