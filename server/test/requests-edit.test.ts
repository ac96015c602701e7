import type { Message } from '@aside/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expireRequests } from '../src/actions/expire-requests.ts';
import {
  act,
  block,
  dayMs,
  openHouse,
  quietFrames,
  robotOf,
  request,
  view,
  waitingRequest,
  type House,
  type Waiting,
} from './_support/house.ts';
import type { Answer, TestPerson } from './_support/people.ts';

// The unanswered first message may be corrected once; whether anybody will ever see it, its sender cannot tell.

let house: House;

beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.app.stop());

const waiting = (text?: string): Promise<Waiting> => waitingRequest(house, text);

const edit = (
  one: TestPerson,
  id: string,
  text: string,
  seq: number | string = 1,
): Promise<Answer<{ message: Message; code?: string }>> =>
  one.call('PATCH', `/api/conversations/${id}/messages/${seq}`, { text });

const states: [string, (pair: Waiting) => Promise<unknown>][] = [
  ['waits', async () => {}],
  ['was declined', ({ rita, id }) => act(rita, id, 'decline')],
  ['was blocked', ({ rita, sam }) => block(rita, sam)],
  [
    'was declined and blocked',
    async ({ rita, sam, id }) => {
      await act(rita, id, 'decline');
      await block(rita, sam);
    },
  ],
  ['has run out', ({ sam, rita }) => house.wait(30 * dayMs, [sam, rita])],
  [
    'has run out and been swept',
    async ({ sam, rita }) => {
      await house.wait(30 * dayMs, [sam, rita]);
      await expireRequests(house.app.app.world);
    },
  ],
];

describe('a first message that', () => {
  test.each(states)('%s is corrected once, and its sender sees the new text', async (_, decide) => {
    const pair = await waiting('Hello, is the flat still free? Sma');
    const { sam, id } = pair;
    await decide(pair);
    const socket = await house.watch(sam);
    const before = await view(sam, id);
    const answer = await edit(sam, id, 'Hello, is the flat still free? Sam');
    expect(answer.status).toBe(200);
    expect(answer.body.message).toEqual({
      ...before.lastMessage,
      text: 'Hello, is the flat still free? Sam',
      editedAt: expect.stringMatching(/Z$/),
    });
    expect(await sam.messages(id)).toEqual([answer.body.message]);
    expect(await view(sam, id)).toEqual({
      ...before,
      lastMessage: answer.body.message,
      pos: before.pos + 1,
    });
    // His other devices see it at once, alike in every state.
    await socket.frame('tick');
    const frames = await quietFrames(socket);
    expect(frames.filter((frame) => frame.t !== 'welcome')).toEqual([
      { t: 'changed', conversationId: id, rev: 1, message: answer.body.message },
      {
        t: 'tick',
        rows: [expect.objectContaining({ conversationId: id, pos: before.pos + 1 })],
        pos: before.pos + 1,
      },
    ]);
    const second = await edit(sam, id, 'Never mind');
    expect(second).toMatchObject({ status: 403, body: { code: 'edit_closed' } });
    expect(await sam.messages(id)).toEqual([answer.body.message]);
  });

  test('waits shows the recipient the new text everywhere, and is still the same request', async () => {
    const { sam, rita, id } = await waiting('First');
    const socket = await house.watch(rita);
    await edit(sam, id, 'Second');
    const changed = await socket.frame('changed');
    expect(changed).toMatchObject({ conversationId: id, message: { seq: 1, text: 'Second' } });
    expect(await rita.messages(id)).toMatchObject([{ text: 'Second' }]);
    expect(await rita.inbox('requests')).toMatchObject([
      { unread: 1, lastMessage: { text: 'Second' } },
    ]);
    expect((await rita.get('/api/export')).body).toMatchObject({
      conversations: [{ messages: [{ text: 'Second' }] }],
    });
    await act(rita, id, 'accept');
    expect(await rita.messages(id)).toMatchObject([{ text: 'Second' }]);
  });

  test.each(states.slice(1))(
    '%s keeps the new text from the recipient for ever',
    async (_, decide) => {
      const pair = await waiting('What they saw');
      const { sam, rita, id } = pair;
      await decide(pair);
      const socket = await house.watch(rita);
      await edit(sam, id, 'Nasty words');
      await socket.frame('tick');
      const frames = await quietFrames(socket);
      expect(JSON.stringify(frames)).not.toContain('Nasty');
      // She unblocks and writes to him herself: what she sees is what she saw.
      await rita.call('DELETE', `/api/people/${sam.username}/block`);
      await rita.write(sam.username, 'Hello Sam');
      expect((await rita.messages(id)).map((message) => message.text)).toEqual([
        'What they saw',
        'Hello Sam',
      ]);
      expect((await rita.messages(id))[0]).not.toHaveProperty('editedAt');
      expect(JSON.stringify((await rita.get('/api/export')).body)).not.toContain('Nasty');
      expect((await sam.messages(id))[0]).toMatchObject({ text: 'Nasty words' });
      const report = await rita.call('POST', `/api/people/${sam.username}/report`, {
        reason: 'What is there?',
        conversationId: id,
        seqs: [1],
      });
      expect(report.status).toBe(201);
    },
  );
});

describe('no edit of', () => {
  test('a message that was answered or accepted, in either direction', async () => {
    const { sam, rita, id } = await waiting();
    await act(rita, id, 'accept');
    expect((await edit(sam, id, 'Later')).body.code).toBe('edit_closed');
    await sam.writeIn(id, 'More');
    expect((await edit(sam, id, 'Less', 2)).body.code).toBe('edit_closed');
    const other = await waiting();
    await other.rita.writeIn(other.id, 'Yes?');
    expect((await edit(other.sam, other.id, 'Later')).body.code).toBe('edit_closed');
  });

  test('somebody else’s message, or one that is not there', async () => {
    const { sam, rita, id } = await waiting();
    const { eve } = await house.bring({ eve: {} });
    expect((await edit(rita, id, 'As if he had said it')).body.code).toBe('edit_closed');
    for (const seq of [0, 2, -1, '01', '1e0', '99999999999999999999', 'x']) {
      expect([seq, (await edit(sam, id, 'Hm', seq)).status]).toEqual([seq, 404]);
    }
    expect((await edit(eve, id, 'Mine')).status).toBe(404);
    await act(rita, id, 'decline');
    expect((await edit(rita, id, 'Mine')).status).toBe(404);
    expect((await edit(sam, '4711', 'Hm')).status).toBe(404);
    expect(await sam.messages(id)).toMatchObject([{ text: 'Hello, may I ask you something?' }]);
  });

  test('one whose 90 days are over', async () => {
    const { sam, rita, id } = await waiting();
    await house.wait(90 * dayMs, [sam, rita]);
    expect((await edit(sam, id, 'Late')).body.code).toBe('edit_closed');
  });

  test.each(states)('one that %s into something that may not be sent', async (_, decide) => {
    const pair = await waiting();
    const { sam, id } = pair;
    await decide(pair);
    expect((await edit(sam, id, 'x'.repeat(281))).body.code).toBe('first_contact_too_long');
    expect((await edit(sam, id, '\u0301'.repeat(2_001))).status).toBeGreaterThanOrEqual(400);
    expect((await edit(sam, id, ' \n')).body.code).toBe('empty');
    expect((await edit(sam, id, 'x'.repeat(10_001))).body.code).toBe('too_long');
    expect(
      (await sam.call('PATCH', `/api/conversations/${id}/messages/1`, { text: 'a', seq: 1 }))
        .status,
    ).toBe(400);
    // None of these was the one.
    expect((await edit(sam, id, 'x'.repeat(280))).status).toBe(200);
  });

  test('many into the same pitch: the budget counts them like first messages', async () => {
    const pitch = 'Our new tool saves your team hours every single week, shall I show you?';
    const names = Array.from({ length: 12 }, (_, i) => `r${i}x`);
    const { sam, ...others } = await house.bring({
      sam: {},
      ...Object.fromEntries(names.map((name) => [name, { reach: 'everyone' as const }])),
    });
    const people = Object.values<TestPerson>(others);
    const ids: string[] = [];
    for (const [i, one] of people.entries()) {
      const text = `Number ${'abcdefghijkl'[i]}`;
      ids.push(await request(sam, one, text));
    }
    // Which of them were declined makes no difference.
    for (const i of [0, 3, 5]) await act(people[i]!, ids[i]!, 'decline');
    const codes: unknown[] = [];
    for (const id of ids) codes.push((await edit(sam, id, pitch)).body.code ?? 'edited');
    expect(codes).toEqual([
      'edited',
      'edited',
      ...Array.from({ length: 10 }, () => 'bulk_needs_opt_in'),
    ]);
  });

  test('a suspended sender, or to one who is gone', async () => {
    const { sam, rita, id } = await waiting();
    await rita.call('DELETE', '/api/me');
    expect((await edit(sam, id, 'Gone?')).body.code).toBe('recipient_gone');
    const other = await waiting();
    await fetch(`${house.url}/api/operator/people/${other.sam.username}/suspension`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${house.app.operatorKey}` },
    });
    expect((await edit(other.sam, other.id, 'Again')).body.code).toBe('suspended');
  });

  test('of ten edits at once exactly one happens', async () => {
    const { sam, rita, id } = await waiting();
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, i) => edit(sam, id, `Edit ${i}`)),
    );
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1);
    const [message] = await rita.messages(id);
    expect(message).toEqual(answers.find((answer) => answer.status === 200)!.body.message);
  });
});

describe('a correction', () => {
  test('makes no offer of a request, and no program writes it', async () => {
    const { shop, rita } = await house.bring({
      shop: { kind: 'brand' },
      rita: { reach: 'everyone' },
    });
    const id = await request(shop, rita, 'Hello Rita, your question about paper');
    const offer = await edit(shop, id, '20 % off everything this week');
    expect(offer).toMatchObject({ status: 403, body: { code: 'consent_required' } });
    const robot = await robotOf(house, shop);
    const written = await edit(robot, id, 'Hello Rita, this is a machine');
    expect(written).toMatchObject({ status: 403, body: { code: 'consent_required' } });
    const [row] = await rita.inbox('requests');
    expect(row?.lastMessage?.text).toBe('Hello Rita, your question about paper');
    expect((await edit(shop, id, 'Hello Rita, about your paper')).status).toBe(200);
  });
});
