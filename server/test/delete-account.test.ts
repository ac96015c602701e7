import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { closeCodes, type LedgerPage } from '@aside/protocol';
import { readCatalog } from './_support/catalog.ts';
import { befriend, bringPeople, call, person, until, type TestPerson } from './_support/people.ts';
import { openSocket } from './_support/spy-socket.ts';
import { ask } from './_support/sql.ts';
import { operatorKey, startTestApp, type TestApp } from './_support/start-app.ts';

let app: TestApp;
let count = 0;

beforeAll(async () => {
  app = await startTestApp({ env: { SEND_RATE: '100000', SEND_BURST: '100000' } });
});
afterAll(() => app.stop());

async function friends(): Promise<[TestPerson, TestPerson]> {
  count += 1;
  const [one, other] = [`leaver_${count}`, `stayer_${count}`];
  const people = await bringPeople(app.url, [one, other], { [one]: [other], [other]: [one] });
  return [people[one]!, people[other]!];
}

const remove = (one: TestPerson) => one.call('DELETE', '/api/me');

test('who stays keeps every message, from somebody without a name', async () => {
  const [leaver, stayer] = await friends();
  const { conversationId } = (await leaver.write(stayer.username, 'Goodbye')).body.message;
  await stayer.writeIn(conversationId, 'Farewell');
  const before = await stayer.messages(conversationId);
  expect((await remove(leaver)).status).toBe(204);
  expect(await stayer.messages(conversationId)).toEqual(before);
  const [row] = await stayer.inbox();
  expect(row!.members).toContainEqual({ id: leaver.id, username: '', name: '', kind: 'person' });
  const refused = await stayer.writeIn(conversationId, 'Are you there?');
  expect(refused).toMatchObject({ status: 410, body: { code: 'recipient_gone' } });
  const view = await stayer.get<{ conversation: { contact: object } }>(
    `/api/conversations/${conversationId}`,
  );
  expect(view.body.conversation.contact).toMatchObject({ allowed: false, code: 'recipient_gone' });
});

test('the session ends everywhere, and the name is nobody’s for ever', async () => {
  const [leaver, stayer] = await friends();
  const socket = await openSocket(app.url, leaver.token);
  expect((await leaver.get('/api/me')).status).toBe(200);
  expect((await stayer.get(`/api/people/${leaver.username}`)).status).toBe(200);
  await remove(leaver);
  expect((await until(() => socket.closed)).code).toBe(closeCodes.signInAgain.code);
  expect((await leaver.get('/api/me')).status).toBe(401);
  expect((await leaver.write(stayer.username, 'still me')).status).toBe(401);
  const gone = await stayer.get<{ code: string }>(`/api/people/${leaver.username}`);
  expect(gone).toMatchObject({ status: 404, body: { code: 'not_found' } });
  const again = await call(app.url, operatorKey, 'POST', '/api/operator/people', [
    { username: leaver.username, name: 'Another' },
  ]);
  expect(again).toMatchObject({ status: 409, body: { code: 'username_taken' } });
});

test('what only they could see is gone from the tables, also what was written a moment before', async () => {
  const [leaver, stayer] = await friends();
  await leaver.write(stayer.username, 'to keep');
  const notes = await Promise.all(
    Array.from({ length: 20 }, (_, i) => leaver.write(leaver.username, `secret note ${i}`)),
  );
  const noteId = notes[0]!.body.message.conversationId;
  await leaver.call('PATCH', '/api/me', { bio: 'secret bio', website: 'https://secret.example' });
  await leaver.call('PUT', `/api/people/${stayer.username}/mute`);
  await leaver.write(leaver.username, 'secret last words');
  await remove(leaver);
  const { urls } = app;
  for (const table of [
    'conversation',
    'member',
    'message',
    'receipt',
    'outbox',
    'edit',
    'permit',
  ]) {
    const rows = await ask(urls.conversation, `select 1 from ${table} where conversation_id = $1`, [
      noteId,
    ]);
    expect([table, rows]).toEqual([table, []]);
  }
  for (const table of ['follow', 'block', 'mute', 'inbox', 'feed_position', 'intent']) {
    const rows = await ask(urls.person, `select 1 from ${table} where user_id = $1`, [leaver.id]);
    expect([table, rows]).toEqual([table, []]);
  }
  const left = await ask(urls.person, `select * from person where user_id = $1`, [leaver.id]);
  expect(JSON.stringify(left)).not.toMatch(/secret|leaver/i);
});

describe('what somebody allowed, refused and sent', () => {
  test('is gone from every table about people, and so is what they were reported for', async () => {
    const [leaver, stayer] = await friends();
    const shop = await leaveTraces(leaver, stayer);
    const tables = await tablesAboutPeople();
    const rowsOf = async (one: TestPerson): Promise<Record<string, number>> => {
      const counts = await Promise.all(
        tables.map((table) =>
          ask(app.urls.person, `select 1 from ${table} where user_id = $1`, [one.id]),
        ),
      );
      return Object.fromEntries(tables.map((table, i) => [table, counts[i]!.length]));
    };
    const before = await rowsOf(leaver);
    const empty = Object.fromEntries(tables.map((table) => [table, 0]));
    // Intents are gone as soon as they are carried out; of everything else something is there to delete.
    expect(tables.filter((table) => before[table] === 0)).toEqual(['intent']);
    await remove(leaver);
    expect(await rowsOf(leaver)).toEqual(empty);
    // What the others did stays with them, about somebody without a name.
    const { body } = await stayer.get<LedgerPage>('/api/consent/ledger');
    expect(body.entries).toMatchObject([{ kind: 'replied', person: { id: leaver.id, name: '' } }]);
    expect((await shop.get('/api/me')).status).toBe(200);
  });

  test('no longer stands in the conversations that others keep', async () => {
    const [leaver, stayer] = await friends();
    const consent = `/api/consent/${stayer.username}`;
    await leaver.call('PUT', `${consent}/service`, {});
    await leaver.call('DELETE', `${consent}/promotional`);
    const bits = (): Promise<unknown[]> =>
      ask(app.urls.conversation, 'select grants, refusals from member where user_id = $1', [
        leaver.id,
      ]);
    expect(await bits()).toEqual([{ grants: 1, refusals: 4 }]);
    await remove(leaver);
    expect(await bits()).toEqual([{ grants: 0, refusals: 0 }]);
  });

  test('a correction that only they could see is gone', async () => {
    const [leaver, stayer] = await friends();
    const { conversationId } = (await leaver.write(stayer.username, 'Hello')).body.message;
    await stayer.call('POST', `/api/conversations/${conversationId}/decline`);
    const edited = await leaver.call('PATCH', `/api/conversations/${conversationId}/messages/1`, {
      text: 'secret correction',
    });
    expect(edited.status).toBe(200);
    const corrections = (): Promise<unknown[]> =>
      ask(app.urls.conversation, 'select body from edit where conversation_id = $1', [
        conversationId,
      ]);
    expect(await corrections()).toEqual([{ body: 'secret correction' }]);
    await remove(leaver);
    expect(await corrections()).toEqual([]);
  });
});

/** A table that comes new is here by itself: it must be emptied, or be left out for a reason. */
async function tablesAboutPeople(): Promise<string[]> {
  const { tables } = await readCatalog(app.urls.person);
  // A row of its own conversation; the name that is nobody's for ever; what the operator keeps of a report.
  const kept = ['member', 'person', 'report'];
  return tables
    .filter(
      ({ name, columns }) => !kept.includes(name) && columns.some((c) => c.name === 'user_id'),
    )
    .map(({ name }) => name);
}

/** One row at least in every table about people; answers a shop of an owner, whose offers the leaver refused. */
async function leaveTraces(leaver: TestPerson, stayer: TestPerson): Promise<TestPerson> {
  count += 1;
  const shop = await bringShop(`shop_${count}`);
  await befriend(leaver, stayer);
  await leaver.call('PUT', `/api/people/${stayer.username}/mute`);
  await stayer.call('POST', `/api/people/${leaver.username}/report`, { reason: 'spam' });
  await leaver.call('PUT', `/api/consent/${shop.username}/service`, {});
  await leaver.call('DELETE', `/api/consent/${shop.username}/promotional`);
  const names = Array.from({ length: 6 }, (_, i) => `friend_${count}_${i}`);
  const others = Object.values(
    await bringPeople(
      app.url,
      names,
      Object.fromEntries(names.map((name) => [name, [leaver.username]])),
    ),
  );
  const statuses: number[] = [];
  for (const other of others) {
    const id = await befriend(leaver, other);
    statuses.push((await leaver.writeIn(id, 'Look: https://secret.example')).status);
  }
  // A link that is new for its sender goes to five people and then waits.
  expect(statuses).toEqual([201, 201, 201, 201, 201, 202]);
  await leaver.call('PUT', `/api/people/${others[0]!.username}/block`);
  return shop;
}

async function bringShop(username: string): Promise<TestPerson> {
  const { body } = await call<{ id: string; username: string; token: string }[]>(
    app.url,
    operatorKey,
    'POST',
    '/api/operator/people',
    [{ username, name: 'Shop', kind: 'brand', owner: 'secret owner' }],
  );
  return person(app.url, body[0]!);
}

test('when both are gone, their conversation is gone', async () => {
  const [one, other] = await friends();
  const { conversationId } = (await one.write(other.username, 'Hello')).body.message;
  await remove(one);
  expect(await other.messages(conversationId)).toHaveLength(1);
  await remove(other);
  expect(
    await ask(app.urls.conversation, 'select 1 from message where conversation_id = $1', [
      conversationId,
    ]),
  ).toEqual([]);
});

test('messages under way while an account is deleted are stored whole or refused', async () => {
  const [leaver, stayer] = await friends();
  const conversationId = await befriend(leaver, stayer);
  const socket = await openSocket(app.url, leaver.token);
  const clientIds = Array.from({ length: 100 }, () => randomUUID());
  for (const clientId of clientIds)
    socket.send({ t: 'send', clientId, conversationId, text: clientId });
  const removed = remove(leaver);
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, i) => stayer.writeIn(conversationId, `answer ${i}`)),
  );
  expect((await removed).status).toBe(204);
  for (const { status } of answers) expect([201, 410]).toContain(status);
  const log = await stayer.messages(conversationId);
  expect(log.map((m) => m.seq)).toEqual(log.map((_, i) => i + 1));
  await until(() => socket.closed);
  const acked = socket.frames.flatMap((f) => (f.t === 'ack' ? [f.clientId] : []));
  const stored = new Set(log.map((m) => m.clientId));
  expect(acked.filter((clientId) => !stored.has(clientId))).toEqual([]);
  // Whatever was still being fed, no inbox row of somebody who is gone comes back.
  await stayer.inbox();
  expect(await ask(app.urls.person, 'select 1 from inbox where user_id = $1', [leaver.id])).toEqual(
    [],
  );
});

test('nobody becomes a living member beside somebody who is being deleted', async () => {
  const people = Array.from({ length: 12 }, (_, i) => `first_${i}`);
  const writers = Object.values(await bringPeople(app.url, people));
  for (let round = 0; round < 5; round += 1) {
    const [leaver] = await friends();
    await leaver.call('PATCH', '/api/settings', { reach: 'everyone' });
    const sends = writers.map((writer) => writer.write(leaver.username, 'Hello'));
    const removed = remove(leaver);
    for (const { status } of await Promise.all(sends)) expect([201, 404, 410]).toContain(status);
    expect((await removed).status).toBe(204);
    const living = await ask(
      app.urls.conversation,
      `select 1 from member join conversation using (conversation_id)
       where user_id = $1 and not gone and head_seq > 0`,
      [leaver.id],
    );
    expect(living).toEqual([]);
  }
});

test('a first contact to somebody whose deletion has begun is refused, also where no row says so yet', async () => {
  const [leaver] = await friends();
  const [, stranger] = await friends();
  await leaver.call('PATCH', '/api/settings', { reach: 'everyone' });
  expect((await stranger.write(leaver.username, 'the allowed twin')).status).toBe(201);
  const [, late] = await friends();
  await ask(app.urls.person, 'update person set deleted_at = now() where user_id = $1', [
    leaver.id,
  ]);
  expect(await late.write(leaver.username, 'Hello')).toMatchObject({
    status: 410,
    body: { code: 'recipient_gone' },
  });
});

test('who is deleted leaves conversations that no inbox row names, and blocks that were still to be written', async () => {
  const [leaver, stayer] = await friends();
  const [higher] = await friends();
  // Empty conversations, one with the leaver’s id as the higher of the two and one as the lower.
  for (const one of [stayer, higher]) await one.call('PUT', `/api/people/${leaver.username}/block`);
  await ask(
    app.urls.person,
    `insert into intent (user_id, intent_id, kind, other_id, created_at) values ($1, 1, 'block', $2, '2100-01-01')`,
    [leaver.id, stayer.id],
  );
  await remove(leaver);
  const rows = await ask(app.urls.conversation, 'select gone from member where user_id = $1', [
    leaver.id,
  ]);
  expect(rows).toEqual([{ gone: true }, { gone: true }]);
  for (const table of ['intent', 'block']) {
    const left = await ask(app.urls.person, `select 1 from ${table} where user_id = $1`, [
      leaver.id,
    ]);
    expect([table, left]).toEqual([table, []]);
  }
});

test('a deletion that a crash interrupted is finished by the next start', async () => {
  const [leaver, stayer] = await friends();
  const { conversationId } = (await leaver.write(stayer.username, 'Hello')).body.message;
  await leaver.inbox();
  await ask(
    app.urls.person,
    `insert into intent (user_id, intent_id, kind, other_id, created_at) values ($1, 1, 'delete-account', null, '2026-01-01')`,
    [leaver.id],
  );
  const refused = await until(async () => {
    const answer = await stayer.writeIn(conversationId, 'Are you there?');
    return answer.status === 410 && answer;
  });
  expect(refused.body.code).toBe('recipient_gone');
  // The intent goes last, when there is nothing left to do.
  await until(async () => {
    const left = await ask(app.urls.person, 'select 1 from intent where user_id = $1', [leaver.id]);
    return left.length === 0;
  });
  expect(
    await ask(app.urls.person, 'select 1 from ledger where user_id = $1', [leaver.id]),
  ).toEqual([]);
});
