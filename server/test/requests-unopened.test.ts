import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expireRequests } from '../src/actions/expire-requests.ts';
import {
  act,
  block,
  dayMs,
  openHouse,
  page,
  quietFrames,
  raw,
  request,
  rows,
  unblock,
  view,
  waitingRequest,
  type House,
  type Waiting,
} from './_support/house.ts';
import { until, type TestPerson } from './_support/people.ts';
import type { SpySocket } from './_support/spy-socket.ts';

// A request is judged and decided unopened, and runs out by itself; its sender learns nothing of any of it.

let house: House;

beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.app.stop());

const waiting = (): Promise<Waiting> => waitingRequest(house);

/** A friend of the sender’s, by whom we know that everything that was on its way has come. */
async function friendOf(sam: TestPerson): Promise<{ fay: TestPerson; chat: string }> {
  const { fay } = await house.bring({ fay: { follows: [sam.username] } });
  const chat = await request(sam, fay);
  await act(fay, chat, 'accept');
  return { fay, chat };
}

/**
 * What the sender's device is sent until it hears of something they do themselves: muting their friend. That tick is
 * urgent and takes along what waits for them.
 */
async function hears(
  socket: SpySocket,
  { sam }: Waiting,
  { fay, chat }: Awaited<ReturnType<typeof friendOf>>,
  muted: boolean,
): Promise<SpySocket['frames']> {
  const from = socket.frames.length;
  await sam.call(muted ? 'PUT' : 'DELETE', `/api/people/${fay.username}/mute`);
  await socket.frame('tick', (frame) =>
    frame.rows.some((row) => row.conversationId === chat && row.muted === muted),
  );
  return socket.frames.slice(from);
}

/** All that a sender can read about it, as it comes from the server. */
async function senderReads({ sam, rita, id }: Waiting): Promise<string> {
  const paths = [
    `/api/conversations/${id}`,
    `/api/conversations/${id}/messages`,
    ...['inbox', 'requests', 'archive'].map((folder) => `/api/conversations?folder=${folder}`),
    `/api/people/${rita.username}`,
    `/api/people?q=${rita.username}`,
    '/api/consent',
    '/api/consent/ledger',
    '/api/held',
    '/api/blocks',
  ];
  const answers = await Promise.all(paths.map((path) => raw(house.url, sam.token, 'GET', path)));
  return JSON.stringify(answers, null, 1);
}

const decisions: [string, (pair: Waiting) => Promise<unknown>][] = [
  ['declines', ({ rita, id }) => act(rita, id, 'decline')],
  ['blocks', ({ rita, sam }) => block(rita, sam)],
  [
    'blocks and unblocks',
    async ({ rita, sam }) => {
      await block(rita, sam);
      await unblock(rita, sam);
    },
  ],
  [
    'reports from the list',
    ({ rita, id }) => rita.call('POST', '/api/requests', { ids: [id], action: 'report' }),
  ],
  [
    'blocks from the list',
    ({ rita, id }) => rita.call('POST', '/api/requests', { ids: [id], action: 'block' }),
  ],
  [
    'opens and reads it',
    ({ rita, id }) => rita.call('POST', `/api/conversations/${id}/read`, { seq: 1 }),
  ],
  ['mutes', ({ rita, sam }) => rita.call('PUT', `/api/people/${sam.username}/mute`)],
  ['closes the door', ({ rita }) => rita.call('PATCH', '/api/settings', { reach: 'nobody' })],
];

describe('the sender sees no difference when the recipient', () => {
  test.each(decisions)('%s', async (_name, decide) => {
    const pair = await waiting();
    const friend = await friendOf(pair.sam);
    const socket = await house.watch(pair.sam);
    await hears(socket, pair, friend, true);
    const [before, seen] = [await senderReads(pair), socket.frames.length];
    await decide(pair);
    expect(await senderReads(pair)).toBe(before);
    await hears(socket, pair, friend, false);
    expectOnlyOwnMute(socket.frames.slice(seen), friend.chat);
    // Nor does a device that catches up with what it missed.
    const late = await house.watch(pair.sam, (await view(pair.sam, pair.id)).pos);
    const caught = (await quietFrames(late)).flatMap((frame) =>
      frame.t === 'inbox' ? frame.rows.map((row) => row.id) : [],
    );
    expect(caught).toEqual([friend.chat]);
  });

  test('lets it run out, and when the sweeper comes by', async () => {
    const pair = await waiting();
    const friend = await friendOf(pair.sam);
    await house.wait(29 * dayMs, [pair.sam, pair.rita, friend.fay]);
    const socket = await house.watch(pair.sam);
    await hears(socket, pair, friend, true);
    const [before, seen] = [await senderReads(pair), socket.frames.length];
    await house.advance(dayMs);
    expect(await rows(pair.rita)).toEqual(new Map());
    expect(await senderReads(pair)).toBe(before);
    await expireRequests(house.app.app.world);
    expect(await senderReads(pair)).toBe(before);
    await hears(socket, pair, friend, false);
    expectOnlyOwnMute(socket.frames.slice(seen), friend.chat);
  });

  test('but being accepted is seen, by devices that are connected and by those that catch up', async () => {
    const pair = await waiting();
    const socket = await house.watch(pair.sam);
    const { pos } = await view(pair.sam, pair.id);
    const before = await senderReads(pair);
    await act(pair.rita, pair.id, 'accept');
    await socket.frame('changed', (frame) => frame.conversationId === pair.id);
    expect(await senderReads(pair)).not.toBe(before);
    const late = await house.watch(pair.sam, pos);
    expect((await late.frame('inbox')).rows).toMatchObject([{ id: pair.id }]);
  });
});

function expectOnlyOwnMute(frames: SpySocket['frames'], chat: string): void {
  expect(frames.toSorted((a, b) => a.t.localeCompare(b.t))).toEqual([
    { t: 'me' },
    {
      t: 'tick',
      pos: expect.any(Number),
      rows: [expect.objectContaining({ conversationId: chat })],
    },
  ]);
}

describe('unopened', () => {
  test.each(['accept', 'decline', 'block', 'report'])(
    'to %s from the list reads nothing',
    async (action) => {
      const { sam, rita, id } = await waiting();
      const socket = await house.watch(rita);
      await rita.call('POST', '/api/requests', { ids: [id], action });
      const tick = await socket.frame('tick', (frame) =>
        frame.rows.some((row) => row.folder !== 'requests'),
      );
      expect(tick.rows.at(-1)).toMatchObject({ conversationId: id, readSeq: 0, headSeq: 1 });
      if (action === 'accept') {
        expect(await view(rita, id)).toMatchObject({ readSeq: 0, unread: 1 });
        expect(await view(sam, id)).toMatchObject({ readSeq: 1 });
      }
    },
  );

  test('listing and opening it reads nothing either', async () => {
    const { rita, id } = await waiting();
    await rita.inbox('requests');
    await view(rita, id);
    await rita.messages(id);
    expect(await view(rita, id)).toMatchObject({ readSeq: 0, unread: 1 });
  });
});

describe('time', () => {
  test('a day before 30 it waits, at 30 it is gone from every list, count and address', async () => {
    const { sam, rita, id } = await waiting();
    await house.wait(29.9 * dayMs, [sam, rita]);
    expect(await rita.inbox('requests')).toMatchObject([{ id }]);
    expect((await page(rita, 'folder=inbox')).requests).toEqual({ waiting: 1, quiet: 0 });
    const [row] = await rita.inbox('requests');
    const expiresAt = Date.parse(row!.request!.expiresAt);
    expect(expiresAt - Date.parse(row!.lastMessage!.createdAt)).toBe(30 * dayMs);
    await house.advance(0.1 * dayMs);
    expect(await rows(rita)).toEqual(new Map());
    expect((await page(rita, 'folder=inbox')).requests).toEqual({ waiting: 0, quiet: 0 });
    for (const path of ['', '/messages']) {
      expect((await rita.get(`/api/conversations/${id}${path}`)).status).toBe(404);
    }
    for (const word of ['accept', 'decline']) expect((await act(rita, id, word)).status).toBe(404);
    const bulk = await rita.call('POST', '/api/requests', { ids: [id], action: 'accept' });
    expect(bulk.body).toEqual({ results: [{ id, outcome: 'not_found' }] });
    expect((await rita.call('POST', `/api/conversations/${id}/read`, { seq: 1 })).status).toBe(404);
  });

  test('devices that are connected are told when the sweeper moves it, others when they catch up', async () => {
    const { sam, rita, id } = await waiting();
    await house.wait(29 * dayMs, [sam, rita]);
    const { pos } = await view(rita, id);
    const socket = await house.watch(rita);
    await house.advance(dayMs);
    const tick = await socket.frame('tick');
    expect(tick.rows).toMatchObject([{ conversationId: id, folder: 'closed', quiet: false }]);
    const late = await house.watch(rita, pos);
    const inbox = await late.frame('inbox');
    expect(inbox.rows).toMatchObject([{ id, folder: 'closed' }]);
    expect(inbox.rows[0]).not.toHaveProperty('lastMessage');
    expect(inbox.rows[0]).not.toHaveProperty('request');
  });

  test.each([
    ['nothing', async () => {}],
    ['declined', async ({ rita, id }: Waiting) => act(rita, id, 'decline')],
    [
      'blocked for a while',
      async ({ rita, sam }: Waiting) => {
        await block(rita, sam);
        await unblock(rita, sam);
      },
    ],
  ])(
    '90 days after the first message another may follow: the recipient did %s',
    async (_, decide) => {
      const pair = await waiting();
      const { sam, rita, id } = pair;
      await decide(pair);
      await house.wait(89.9 * dayMs, [sam, rita]);
      expect((await sam.writeIn(id, 'Too early')).body.code).toBe('request_pending');
      expect((await view(sam, id)).contact.code).toBe('request_pending');
      await house.advance(0.1 * dayMs);
      expect((await view(sam, id)).contact).toEqual({ allowed: true, arrives: 'requests' });
      expect((await sam.writeIn(id, 'Half a season later')).body.arrived).toBe('requests');
      expect(await rita.inbox('requests')).toMatchObject([{ id, headSeq: 2, state: 'pending' }]);
      expect((await sam.writeIn(id, 'And again')).body.code).toBe('request_pending');
      await act(rita, id, 'accept');
      expect((await sam.writeIn(id, 'At last')).status).toBe(201);
    },
  );

  test('90 days after, a block still stands, and looks like a closed door', async () => {
    const pair = await waiting();
    const { sam, rita, id } = pair;
    await block(rita, sam);
    await house.wait(90 * dayMs, [sam, rita]);
    expect((await sam.writeIn(id, 'Hello?')).body.code).toBe('not_accepting');
    await unblock(rita, sam);
    expect((await sam.writeIn(id, 'Hello?')).body.arrived).toBe('requests');
  });
});

describe('typing', () => {
  async function typed(from: TestPerson, to: SpySocket, id: string): Promise<boolean> {
    const socket = await house.watch(from);
    const before = to.frames.filter((frame) => frame.t === 'typing').length;
    socket.send({ t: 'typing', conversationId: id });
    await quietFrames(socket);
    await quietFrames(to);
    return to.frames.filter((frame) => frame.t === 'typing').length > before;
  }

  test('is passed on between those who accepted each other, not before and not after a block', async () => {
    const { sam, rita, id } = await waiting();
    const [his, hers] = [await house.watch(sam), await house.watch(rita)];
    expect(await typed(sam, hers, id)).toBe(false);
    expect(await typed(rita, his, id)).toBe(false);
    await act(rita, id, 'accept');
    expect(await until(() => typed(sam, hers, id))).toBe(true);
    expect(await until(() => typed(rita, his, id))).toBe(true);
    await block(rita, sam);
    expect(await typed(sam, hers, id)).toBe(false);
    expect(await typed(rita, his, id)).toBe(false);
    await unblock(rita, sam);
    expect(await typed(sam, hers, id)).toBe(false);
  });
});
