import type { ConversationView, RequestsAnswer } from '@aside/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { act, block, openHouse, page, request, rows, view, type House } from './_support/house.ts';
import type { TestPerson } from './_support/people.ts';
import { ask } from './_support/sql.ts';

// A first message waits in a folder of its own until its recipient decides, and is the only one until then.

let house: House;

beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.app.stop());

async function samAndRita(): Promise<Record<'sam' | 'rita', TestPerson>> {
  return house.bring({ sam: {}, rita: { reach: 'everyone' } });
}

const bulk = (one: TestPerson, ids: readonly string[], action: string) =>
  one.call<RequestsAnswer>('POST', '/api/requests', { ids, action });

describe('a first message', () => {
  test('lies in the requests of its recipient and in the inbox of its sender', async () => {
    const { sam, rita } = await samAndRita();
    const id = await request(sam, rita);
    expect(await rita.inbox()).toEqual([]);
    expect(await rita.inbox('requests')).toMatchObject([
      { id, folder: 'requests', state: 'pending', unread: 1, lastMessage: { seq: 1 } },
    ]);
    expect(await sam.inbox('requests')).toEqual([]);
    const [mine] = await sam.inbox();
    expect(mine).toMatchObject({ id, folder: 'inbox', state: 'accepted' });
    expect(mine).not.toHaveProperty('request');
    expect((await view(sam, id)).contact).toMatchObject({
      allowed: false,
      code: 'request_pending',
    });
  });

  test('is the only one until it is answered, by HTTP and socket, by name and by id', async () => {
    const { sam, rita } = await samAndRita();
    const id = await request(sam, rita);
    const socket = await house.watch(sam);
    const codes = [
      (await sam.write(rita.username, 'Hello?')).body.code,
      (await sam.writeIn(id, 'Hello??')).body.code,
      await socket.write({ to: rita.username }, 'Hello???'),
      await socket.write({ conversationId: id }, 'Hello????'),
    ].map((answer) => (typeof answer === 'object' ? 'code' in answer && answer.code : answer));
    expect(codes).toEqual(Array.from({ length: 4 }, () => 'request_pending'));
    expect(await rita.messages(id)).toHaveLength(1);
    // The twin: once it is answered, the same messages go.
    await act(rita, id, 'accept');
    expect((await sam.writeIn(id, 'Hello?????')).status).toBe(201);
  });

  test('repeated under its client id is the same message, wherever it lies by then', async () => {
    const { sam, rita } = await samAndRita();
    const clientId = crypto.randomUUID();
    const first = await sam.write(rita.username, 'Once', clientId);
    for (const word of ['decline', null]) {
      const again = await sam.write(rita.username, 'Once', clientId);
      expect(again).toMatchObject({ status: 200, body: first.body });
      if (word) await act(rita, first.body.message.conversationId, word);
    }
  });

  test('of one who wrote first takes answers: those arrive in the inbox at once', async () => {
    const { sam, rita } = await samAndRita();
    const id = await request(sam, rita);
    expect((await rita.writeIn(id, 'Who are you?')).body).toMatchObject({ arrived: 'inbox' });
    expect(await rita.inbox('requests')).toEqual([]);
    expect((await view(rita, id)).state).toBe('accepted');
    expect((await sam.writeIn(id, 'It is me')).body).toMatchObject({ arrived: 'inbox' });
  });

  test('is not accepted by the recipient’s program, only by the recipient', async () => {
    const { sam, rita } = await samAndRita();
    const id = await request(sam, rita);
    await rita.call('PUT', `/api/people/${sam.username}/follow`);
    const made = await rita.call<{ key: string }>('POST', '/api/keys', { name: 'Away' });
    const answer = await fetch(`${house.url}/api/conversations/${id}/messages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${made.body.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ clientId: crypto.randomUUID(), text: 'I am away.' }),
    });
    // Sam wrote, so one automated answer is allowed; it accepts nothing.
    expect(answer.status).toBe(201);
    expect(await rita.inbox('requests')).toMatchObject([{ id, state: 'pending' }]);
    expect((await sam.writeIn(id, 'Fine')).body.code).toBe('request_pending');
  });

  test('crossing another is an answer to it', async () => {
    const { sam, rita } = await house.bring({
      sam: { reach: 'everyone' },
      rita: { reach: 'everyone' },
    });
    await Promise.all([sam.write(rita.username, 'Hi Rita'), rita.write(sam.username, 'Hi Sam')]);
    for (const one of [sam, rita]) {
      expect(await one.inbox('requests')).toEqual([]);
      expect(await one.inbox()).toMatchObject([{ state: 'accepted' }]);
    }
  });
});

describe('deciding', () => {
  test('accepting moves it to the inbox and opens the way', async () => {
    const { sam, rita } = await samAndRita();
    const id = await request(sam, rita);
    const answer = await rita.call<{ conversation: ConversationView }>(
      'POST',
      `/api/conversations/${id}/accept`,
    );
    expect(answer).toMatchObject({
      status: 200,
      body: { conversation: { id, folder: 'inbox', state: 'accepted' } },
    });
    expect(answer.body.conversation).not.toHaveProperty('request');
    expect((await view(sam, id)).contact).toEqual({ allowed: true, arrives: 'inbox' });
    expect((await sam.writeIn(id, 'Thank you')).body).toMatchObject({ arrived: 'inbox' });
  });

  test('declining takes it away from the recipient alone', async () => {
    const { sam, rita } = await samAndRita();
    const id = await request(sam, rita);
    expect(await act(rita, id, 'decline')).toMatchObject({ status: 204 });
    expect(await rows(rita)).toEqual(new Map());
    expect((await rita.get(`/api/conversations/${id}`)).status).toBe(404);
    expect((await rita.get(`/api/conversations/${id}/messages`)).status).toBe(404);
    expect((await rita.writeIn(id, 'by its id')).status).toBe(404);
    expect((await rows(sam)).get(id)).toMatchObject({ headSeq: 1 });
    // By name she may still begin: that is an answer as well.
    expect((await rita.write(sam.username, 'On second thoughts')).status).toBe(201);
    expect((await sam.writeIn(id, 'Oh!')).status).toBe(201);
    expect(await rita.messages(id)).toHaveLength(3);
  });

  test('unaccepting moves it back, and it can be accepted or declined again', async () => {
    const { sam, rita } = await samAndRita();
    const id = await request(sam, rita);
    await act(rita, id, 'accept');
    await sam.writeIn(id, 'Second');
    expect(await act(rita, id, 'unaccept')).toMatchObject({
      status: 200,
      body: { conversation: { folder: 'requests', state: 'none' } },
    });
    expect(await rita.inbox('requests')).toMatchObject([{ id, state: 'none' }]);
    expect((await sam.writeIn(id, 'Third')).body).toMatchObject({ arrived: 'requests' });
    expect((await sam.writeIn(id, 'Fourth')).body.code).toBe('request_pending');
    await act(rita, id, 'accept');
    await act(rita, id, 'unaccept');
    expect(await act(rita, id, 'decline')).toMatchObject({ status: 204 });
    expect(await rows(rita)).toEqual(new Map());
  });

  test('what is no request is not found: unknown, decided, accepted, one’s own, somebody else’s', async () => {
    const { sam, rita } = await samAndRita();
    const { eve } = await house.bring({ eve: {} });
    const id = await request(sam, rita);
    for (const [one, which] of [
      [eve, id],
      [rita, '12345'],
      [rita, 'nonsense'],
      [rita, '99999999999999999999'],
    ] as const) {
      for (const word of ['accept', 'decline', 'unaccept']) {
        expect(await act(one, which, word), `${one.username} ${word} ${which}`).toMatchObject({
          status: 404,
          body: { code: 'not_found' },
        });
      }
    }
    expect((await act(rita, id, 'unaccept')).status).toBe(404);
    for (const word of ['accept', 'decline']) expect((await act(sam, id, word)).status).toBe(404);
    await act(rita, id, 'accept');
    expect((await act(rita, id, 'accept')).status).toBe(404);
    expect((await act(rita, id, 'decline')).status).toBe(404);
    await act(rita, id, 'unaccept');
    await act(rita, id, 'decline');
    expect((await act(rita, id, 'decline')).status).toBe(404);
    expect((await act(rita, id, 'accept')).status).toBe(404);
  });

  test('of ten acceptances and declines at once exactly one happens', async () => {
    const { sam, rita } = await samAndRita();
    const id = await request(sam, rita);
    const words = Array.from({ length: 10 }, (_, i) => (i % 2 ? 'accept' : 'decline'));
    const statuses = await Promise.all(
      words.map(async (word) => (await act(rita, id, word)).status),
    );
    expect(statuses.filter((status) => status < 300)).toHaveLength(1);
    expect(statuses.filter((status) => status === 404)).toHaveLength(9);
    const entries = await ask(
      house.app.urls.person,
      'select 1 from ledger where user_id = $1 and kind in (3, 5)',
      [rita.id],
    );
    expect(entries).toHaveLength(1);
  });
});

describe('many at once', () => {
  test('200 are decided in one call, each by itself; 201 are too many', async () => {
    const rita = (await house.bring({ rita: { reach: 'everyone' } })).rita;
    const senders = await house.bring(
      Object.fromEntries(Array.from({ length: 196 }, (_, i) => [`s${i}x`, {}])),
    );
    const ids = await Promise.all(Object.values(senders).map((sender) => request(sender, rita)));
    const { sam, ruth } = await house.bring({ sam: {}, ruth: { reach: 'everyone' } });
    const foreign = await request(sam, ruth);
    const odd = [foreign, '4711', '9223372036854775807', ids[0]!];
    expect((await bulk(rita, [...ids, ...odd, '1'], 'decline')).status).toBe(400);
    expect((await page(rita, 'folder=requests&limit=1')).requests).toEqual({
      waiting: 196,
      quiet: 0,
    });
    const answer = await bulk(rita, [...ids, ...odd], 'decline');
    expect(answer.body.results.map((result) => result.id)).toEqual([...ids, ...odd]);
    expect(answer.body.results.map((result) => result.outcome)).toEqual([
      ...ids.map(() => 'done'),
      'not_found',
      'not_found',
      'not_found',
      'done',
    ]);
    expect(await rita.inbox('requests')).toEqual([]);
    expect(await ruth.inbox('requests')).toMatchObject([{ id: foreign }]);
    const again = await bulk(rita, ids, 'decline');
    expect(new Set(again.body.results.map((result) => result.outcome))).toEqual(
      new Set(['not_found']),
    );
  }, 60_000);

  test('block and report do what they say: no more word, and a copy for the operator', async () => {
    const { ann, ben, rita } = await house.bring({ ann: {}, ben: {}, rita: { reach: 'everyone' } });
    const [fromAnn, fromBen] = [await request(ann, rita), await request(ben, rita, 'Ben’s text')];
    expect((await bulk(rita, [fromAnn], 'block')).body.results).toMatchObject([
      { outcome: 'done' },
    ]);
    expect((await bulk(rita, [fromBen], 'report')).body.results).toMatchObject([
      { outcome: 'done' },
    ]);
    expect((await rita.get('/api/blocks')).body).toMatchObject({ people: [{ id: ann.id }] });
    expect(await rows(rita)).toEqual(new Map());
    const reports = await ask<{ messages: { text: string }[] }>(
      house.app.urls.person,
      'select messages from report where reported_id = $1',
      [ben.id],
    );
    expect(reports).toMatchObject([{ messages: [{ text: 'Ben’s text', seq: 1 }] }]);
    for (const action of ['block', 'report', 'accept', 'decline']) {
      expect((await bulk(rita, [fromAnn, fromBen], action)).body.results).toMatchObject([
        { outcome: 'not_found' },
        { outcome: 'not_found' },
      ]);
    }
    expect(
      await ask(house.app.urls.person, 'select from report where reported_id = $1', [ben.id]),
    ).toHaveLength(1);
  });

  test('a body that is not one is refused whole', async () => {
    const { sam, rita } = await samAndRita();
    const id = await request(sam, rita);
    for (const body of [
      {},
      { ids: [], action: 'accept' },
      { ids: id, action: 'accept' },
      { ids: [id], action: 'eat' },
      { ids: [id], action: 'toString' },
      { ids: [id, 7], action: 'accept' },
      { ids: [id, 'nonsense'], action: 'accept' },
      { ids: [id], action: 'accept', more: 1 },
    ]) {
      const answer = await rita.call('POST', '/api/requests', body);
      expect([body, answer.status]).toEqual([body, 400]);
    }
    expect(await rita.inbox('requests')).toHaveLength(1);
  });
});

describe('after a block', () => {
  test('an unblock restores nothing: the request stays gone and its 90 days run on', async () => {
    const { sam, rita } = await samAndRita();
    const id = await request(sam, rita);
    await block(rita, sam);
    expect(await rows(rita)).toEqual(new Map());
    await rita.call('DELETE', `/api/people/${sam.username}/block`);
    expect(await rows(rita)).toEqual(new Map());
    expect((await act(rita, id, 'accept')).status).toBe(404);
    expect((await sam.writeIn(id, 'Again')).body.code).toBe('request_pending');
  });
});
