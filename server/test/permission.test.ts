import type { Contact, ProfileView } from '@aside/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { befriend, bringPeople, call, type TestPerson } from './_support/people.ts';
import { openSocket } from './_support/spy-socket.ts';
import { startTestApp, type TestApp } from './_support/start-app.ts';

// Who may write to whom: only the recipient's own act counts, and a first message is a request.

let app: TestApp;
let count = 0;

beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.stop());

/** Two people who have nothing to do with each other yet. */
async function two(): Promise<[sender: TestPerson, recipient: TestPerson]> {
  const [one, other] = [`sender_${(count += 1)}`, `recipient_${count}`] as const;
  const people = await bringPeople(app.url, [one, other]);
  return [people[one]!, people[other]!];
}

/**
 * What the sender is told before typing and what happens then must be the same, at every door; answers the code, or
 * where the message arrived. A request is one message: whoever sends another is told that the first one waits.
 */
async function tryToWrite(sender: TestPerson, recipient: TestPerson): Promise<string> {
  const hint = await contactFor(sender, recipient);
  const box = await sender.get<{ people: { username: string; contact: Contact }[] }>(
    `/api/people?q=@${recipient.username}`,
  );
  const found = box.body.people.find((person) => person.username === recipient.username);
  expect(found?.contact).toEqual(hint);
  const answer = await sender.write(recipient.username, 'Hello');
  const socket = await openSocket(app.url, sender.token);
  const frame = await socket.write({ to: recipient.username }, 'Hello over the socket');
  await socket.close();
  if (answer.status === 201) {
    const { arrived } = answer.body;
    expect(hint).toEqual({ allowed: true, arrives: arrived });
    if (arrived === 'inbox') expect(frame).toMatchObject({ t: 'ack', arrived });
    else expect(frame).toMatchObject({ t: 'refused', code: 'request_pending' });
    return arrived;
  }
  expect(hint).toMatchObject({ allowed: false, arrives: null, code: answer.body.code });
  expect(hint.sentence).toMatch(/\.$/);
  expect(frame).toMatchObject({ t: 'refused', code: answer.body.code, detail: hint.sentence });
  return answer.body.code!;
}

async function contactFor(sender: TestPerson, recipient: TestPerson): Promise<Contact> {
  return (await sender.get<ProfileView>(`/api/people/${recipient.username}`)).body.contact;
}

const follow = (one: TestPerson, other: TestPerson): Promise<unknown> =>
  one.call('PUT', `/api/people/${other.username}/follow`);
const unfollow = (one: TestPerson, other: TestPerson): Promise<unknown> =>
  one.call('DELETE', `/api/people/${other.username}/follow`);
const reach = (one: TestPerson, value: string): Promise<unknown> =>
  one.call('PATCH', '/api/settings', { reach: value });

describe('a stranger', () => {
  test('is not admitted, and finds no trace of a conversation', async () => {
    const [sender, recipient] = await two();
    expect(await tryToWrite(sender, recipient)).toBe('not_accepting');
    for (const folder of ['inbox', 'requests', 'archive']) {
      expect(await recipient.inbox(folder)).toEqual([]);
      expect(await sender.inbox(folder)).toEqual([]);
    }
  });

  test('is admitted as far as a request by somebody who follows them, and no longer after the unfollow', async () => {
    const [sender, recipient] = await two();
    await follow(recipient, sender);
    expect(await contactFor(sender, recipient)).toEqual({ allowed: true, arrives: 'requests' });
    await unfollow(recipient, sender);
    expect(await tryToWrite(sender, recipient)).toBe('not_accepting');
    await follow(recipient, sender);
    expect(await tryToWrite(sender, recipient)).toBe('requests');
  });

  test('whose request waits is told that it waits, whatever becomes of the follow and the reach', async () => {
    const [sender, recipient] = await two();
    await follow(recipient, sender);
    expect(await tryToWrite(sender, recipient)).toBe('requests');
    expect(await tryToWrite(sender, recipient)).toBe('request_pending');
    await unfollow(recipient, sender);
    expect(await tryToWrite(sender, recipient)).toBe('request_pending');
    await reach(recipient, 'nobody');
    expect(await tryToWrite(sender, recipient)).toBe('request_pending');
    expect(await recipient.inbox('requests')).toMatchObject([{ headSeq: 1, state: 'pending' }]);
  });

  test('is not admitted by following somebody', async () => {
    const [sender, recipient] = await two();
    await follow(sender, recipient);
    expect(await tryToWrite(sender, recipient)).toBe('not_accepting');
    await follow(recipient, sender);
    expect(await tryToWrite(sender, recipient)).toBe('requests');
  });

  test('is admitted by somebody who receives messages from anyone, from that moment on', async () => {
    const [sender, recipient] = await two();
    const [late] = await two();
    expect((await recipient.get('/api/settings')).body).toMatchObject({ reach: 'following' });
    expect(await tryToWrite(sender, recipient)).toBe('not_accepting');
    await reach(recipient, 'everyone');
    expect(await tryToWrite(sender, recipient)).toBe('requests');
    await reach(recipient, 'following');
    expect(await tryToWrite(late, recipient)).toBe('not_accepting');
  });

  test('is not admitted by anybody whose reach is nobody, not even when followed', async () => {
    const [sender, recipient] = await two();
    const [late] = await two();
    for (const one of [sender, late]) await follow(recipient, one);
    expect(await tryToWrite(sender, recipient)).toBe('requests');
    await reach(recipient, 'nobody');
    expect(await tryToWrite(late, recipient)).toBe('not_accepting');
  });

  test('is admitted for good by somebody who wrote first, whatever their reach', async () => {
    const [sender, recipient] = await two();
    expect(await tryToWrite(sender, recipient)).toBe('not_accepting');
    await reach(sender, 'everyone');
    await reach(recipient, 'nobody');
    expect((await recipient.write(sender.username, 'I have a question')).status).toBe(201);
    expect(await tryToWrite(sender, recipient)).toBe('inbox');
    await reach(sender, 'nobody');
    expect(await tryToWrite(recipient, sender)).toBe('inbox');
  });

  test('is admitted for good by somebody who answered, whatever their reach and without a follow', async () => {
    const [sender, recipient] = await two();
    await follow(recipient, sender);
    await befriend(sender, recipient);
    await unfollow(recipient, sender);
    await reach(recipient, 'nobody');
    expect(await tryToWrite(sender, recipient)).toBe('inbox');
    expect(await tryToWrite(recipient, sender)).toBe('inbox');
  });

  test('writing to somebody lets that person answer, and reading allows nothing', async () => {
    const [sender, recipient] = await two();
    await follow(recipient, sender);
    const sent = await sender.write(recipient.username, 'Hello');
    const { conversationId } = sent.body.message;
    await unfollow(recipient, sender);
    await recipient.call('POST', `/api/conversations/${conversationId}/read`, { seq: 1 });
    expect(await tryToWrite(sender, recipient)).toBe('request_pending');
    const byId = await sender.writeIn(conversationId, 'and by its id');
    expect(byId.body.code).toBe('request_pending');
    expect((await recipient.writeIn(conversationId, 'Yes?')).status).toBe(201);
    expect(await tryToWrite(sender, recipient)).toBe('inbox');
  });
});

test('a closed door is one sentence, whatever closed it, and it is true in every case', async () => {
  const sentences = new Set<string>();
  for (const value of ['nobody', 'following']) {
    const [sender, recipient] = await two();
    await reach(recipient, value);
    sentences.add((await contactFor(sender, recipient)).sentence!);
  }
  const [sender, recipient] = await two();
  await recipient.call('PUT', `/api/people/${sender.username}/block`);
  sentences.add((await contactFor(sender, recipient)).sentence!);
  expect([...sentences]).toEqual(['This person does not receive messages from you at the moment.']);
});

test('a report names messages together with their conversation', async () => {
  const [sender, recipient] = await two();
  await follow(recipient, sender);
  const { conversationId } = (await sender.write(recipient.username, 'Hello')).body.message;
  const report = (body: object): Promise<unknown> =>
    recipient.call('POST', `/api/people/${sender.username}/report`, { reason: 'spam', ...body });
  expect(await report({ conversationId, seqs: [1] })).toMatchObject({ status: 201 });
  expect(await report({})).toMatchObject({ status: 201 });
  expect(await report({ seqs: [1] })).toMatchObject({
    status: 400,
    body: { code: 'invalid', detail: expect.stringContaining('conversationId') as string },
  });
});

test('what does not exist and what is not yours are answered in the same words', async () => {
  const [sender, recipient] = await two();
  const [stranger] = await two();
  await follow(recipient, sender);
  const { conversationId } = (await sender.write(recipient.username, 'Hello')).body.message;
  const doors: [member: TestPerson, method: string, path: string, body?: unknown][] = [
    [sender, 'GET', ''],
    [recipient, 'GET', '/messages'],
    [recipient, 'POST', '/read', { seq: 1 }],
    [sender, 'PATCH', '/messages/1', { text: 'Hello there' }],
    [recipient, 'POST', '/accept'],
    [sender, 'POST', '/messages', { clientId: '00000000-0000-4000-8000-000000000000', text: 'x' }],
    [recipient, 'POST', '/unaccept'],
    [recipient, 'POST', '/decline'],
  ];
  for (const [member, method, path, body] of doors) {
    const as = (id: string, who: TestPerson) =>
      who.call(method, `/api/conversations/${id}${path}`, body);
    expect([path, (await as(conversationId, member)).status < 300]).toEqual([path, true]);
    const foreign = await as(conversationId, stranger);
    const unknown = await as('4611686018427387904', stranger);
    expect(foreign).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect(foreign.body).toEqual(unknown.body);
  }
});

test('an unknown username is answered alike at every door', async () => {
  const [sender, recipient] = await two();
  const clientId = '00000000-0000-4000-8000-000000000001';
  const doors: [string, (name: string) => string, unknown?][] = [
    ['GET', (name) => `/api/people/${name}`],
    ['PUT', (name) => `/api/people/${name}/follow`],
    ['PUT', (name) => `/api/people/${name}/mute`],
    ['POST', (name) => `/api/people/${name}/report`, { reason: 'spam' }],
    ['PUT', (name) => `/api/people/${name}/block`],
    ['DELETE', (name) => `/api/people/${name}/block`],
    ['POST', (name) => `/api/conversations/with/${name}/messages`, { clientId, text: 'x' }],
  ];
  for (const [method, path, body] of doors) {
    const known = await sender.call(method, path(recipient.username), body);
    expect(known.body).not.toMatchObject({ code: 'not_found' });
    const unknown = await sender.call(method, path('nobody.here'), body);
    expect(unknown).toMatchObject({
      status: 404,
      body: { code: 'not_found', detail: 'Nobody here is called @nobody.here.' },
    });
  }
});

test('names are found in any case and with the sign in front', async () => {
  const [sender, recipient] = await two();
  for (const name of [recipient.username.toUpperCase(), `@${recipient.username}`]) {
    expect((await sender.get(`/api/people/${name}`)).body).toMatchObject({ id: recipient.id });
  }
});

describe('a report', () => {
  test('holds copies of what the reporter can see, and of nothing else', async () => {
    const [sender, recipient] = await two();
    await follow(recipient, sender);
    const first = await sender.write(recipient.username, 'Buy now');
    const { conversationId } = first.body.message;
    const path = `/api/people/${sender.username}/report`;
    const report = await recipient.call<{ id: string }>('POST', path, {
      reason: 'spam',
      conversationId,
      seqs: [1, 1, 99],
    });
    expect(report.status).toBe(201);
    const [row] = await app.app.world.families.person.query<{ messages: unknown; reason: string }>(
      'select messages, reason from report where report_id = $1',
      [report.body.id],
    );
    expect(row).toEqual({ messages: [first.body.message], reason: 'spam' });

    const [stranger] = await two();
    const foreign = await stranger.call('POST', path, {
      reason: 'spam',
      conversationId,
      seqs: [1],
    });
    expect(foreign).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });

  test('needs neither a conversation nor messages', async () => {
    const [sender, recipient] = await two();
    const path = `/api/people/${sender.username}/report`;
    expect((await recipient.call('POST', path, { reason: 'the name' })).status).toBe(201);
  });
});

describe('a mute', () => {
  test('marks the conversation on every device of the muter and tells the other nothing', async () => {
    const [sender, recipient] = await two();
    await follow(recipient, sender);
    const conversationId = await befriend(sender, recipient);
    await sender.writeIn(conversationId, 'What a day');
    const before = JSON.stringify((await sender.get(`/api/people/${recipient.username}`)).body);
    const device = await openSocket(app.url, recipient.token);
    await recipient.call('PUT', `/api/people/${sender.username}/mute`);
    await device.frame('tick', (f) =>
      f.rows.some((row) => row.conversationId === conversationId && row.muted),
    );
    await device.close();
    expect((await recipient.inbox())[0]).toMatchObject({ muted: true, unread: 1 });
    expect(await tryToWrite(sender, recipient)).toBe('inbox');
    expect(JSON.stringify((await sender.get(`/api/people/${recipient.username}`)).body)).toBe(
      before,
    );
    await recipient.call('DELETE', `/api/people/${sender.username}/mute`);
    expect((await recipient.inbox())[0]).toMatchObject({ muted: false });
  });

  test('before the first message holds for the conversation that begins later', async () => {
    const [sender, recipient] = await two();
    await follow(recipient, sender);
    await recipient.call('PUT', `/api/people/${sender.username}/mute`);
    await sender.write(recipient.username, 'Hello');
    expect((await recipient.inbox('requests'))[0]).toMatchObject({ muted: true });
    await recipient.write(sender.username, 'Hello yourself');
    expect((await recipient.inbox())[0]).toMatchObject({ muted: true });
  });
});

test('nobody blocks, mutes or follows themselves', async () => {
  const [sender, recipient] = await two();
  for (const word of ['follow', 'mute', 'block']) {
    expect(
      (await sender.call('PUT', `/api/people/${recipient.username}/${word}`)).status,
    ).toBeLessThan(400);
    await sender.call('DELETE', `/api/people/${recipient.username}/${word}`);
    const own = await sender.call('PUT', `/api/people/${sender.username}/${word}`);
    expect(own).toMatchObject({ status: 400, body: { code: 'invalid' } });
  }
});

test('nobody who is not signed in gets anything', async () => {
  const [sender, recipient] = await two();
  const paths = [
    '/api/me',
    '/api/settings',
    '/api/conversations',
    '/api/blocks',
    `/api/people/${recipient.username}`,
  ];
  for (const path of paths) {
    expect((await sender.get(path)).status).toBe(200);
    for (const token of [null, 'made-up']) {
      expect(await call(app.url, token, 'GET', path)).toMatchObject({
        status: 401,
        body: { code: 'unauthenticated' },
      });
    }
  }
});
