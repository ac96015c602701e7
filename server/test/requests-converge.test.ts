import type { Conversation, ConversationView } from '@aside/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  act,
  allow,
  block,
  openHouse,
  quietFrames,
  request,
  robotOf,
  rows,
  sendFor,
  view,
  type House,
} from './_support/house.ts';
import { until, type TestPerson } from './_support/people.ts';
import type { SpySocket } from './_support/spy-socket.ts';

// What a device knew before, and what it is told since, is what a fresh one reads: nobody stays behind.

let house: House;

beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.app.stop());

interface Pair {
  sam: TestPerson;
  rita: TestPerson;
  id: string;
}

type Known = Map<string, Conversation>;

/** Applies frames as a client does: what a tick does not say is fetched again. */
async function follow(one: TestPerson, known: Known, frames: SpySocket['frames']): Promise<Known> {
  const now = new Map(known);
  const ask = new Set<string>();
  for (const frame of frames) {
    if (frame.t === 'inbox') for (const row of frame.rows) now.set(row.id, row);
    if (frame.t === 'tick') for (const row of frame.rows) ask.add(row.conversationId);
    if (frame.t === 'changed') ask.add(frame.conversationId);
  }
  for (const id of ask) {
    const answer = await one.get<{ conversation: ConversationView }>(`/api/conversations/${id}`);
    if (answer.status !== 200) now.delete(id);
    else {
      const { contact: _, ...row } = answer.body.conversation;
      now.set(id, row);
    }
  }
  return new Map([...now].filter(([, row]) => row.folder !== 'closed'));
}

const sorted = (known: Known): unknown[] =>
  [...known.values()].toSorted((a, b) => Number(BigInt(a.id) - BigInt(b.id)));

async function waiting(): Promise<Pair> {
  const { sam, rita } = await house.bring({ sam: {}, rita: { reach: 'everyone' } });
  return { sam, rita, id: await request(sam, rita) };
}

const edit = ({ sam, id }: Pair): Promise<unknown> =>
  sam.call('PATCH', `/api/conversations/${id}/messages/1`, { text: 'See www.example.com' });

const stories: [string, (pair: Pair) => Promise<unknown>][] = [
  ['accepting', ({ rita, id }) => act(rita, id, 'accept')],
  ['answering', ({ rita, id }) => rita.writeIn(id, 'Hello')],
  ['declining', ({ rita, id }) => act(rita, id, 'decline')],
  ['blocking', ({ rita, sam }) => block(rita, sam)],
  [
    'accepting and unaccepting',
    async ({ rita, id }) => {
      await act(rita, id, 'accept');
      await act(rita, id, 'unaccept');
    },
  ],
  ['an edit that makes it quiet', edit],
  [
    'an edit after a decline',
    async (pair) => {
      await act(pair.rita, pair.id, 'decline');
      await edit(pair);
    },
  ],
  [
    'a granted message into a waiting request',
    async ({ sam, rita }) => {
      await allow(rita, sam, 'all');
      await sendFor(sam, rita, 'service', 'Your parcel is there.');
    },
  ],
  [
    'declining, writing first after all, and taking it back',
    async ({ sam, rita, id }) => {
      await act(rita, id, 'decline');
      await rita.write(sam.username, 'Hello after all');
      await sam.writeIn(id, 'Oh');
      await act(rita, id, 'unaccept');
    },
  ],
];

describe.each(['rita', 'sam'] as const)('for %s', (who) => {
  test.each(stories)('%s leaves no device behind', async (_, tell) => {
    const pair = await waiting();
    const one = pair[who];
    const stale = await rows(one);
    const pos = Math.max(0, ...[...stale.values()].map((row) => row.pos));
    const online = await house.watch(one);
    await tell(pair);
    const late = await house.watch(one, pos);
    const { pos: newest } = await late.frame('welcome');
    const latest = (): number =>
      Math.max(pos, ...online.frames.map((frame) => (frame.t === 'tick' ? frame.pos : 0)));
    await until(() => latest() >= newest);
    const fresh = sorted(await rows(one));
    expect(sorted(await follow(one, stale, online.frames))).toEqual(fresh);
    expect(sorted(await follow(one, stale, await quietFrames(late)))).toEqual(fresh);
  });
});

test('a tick says the same of a row as the row itself', async () => {
  const pair = await waiting();
  const { rita, id } = pair;
  const socket = await house.watch(rita);
  for (const step of [edit, () => act(rita, id, 'accept'), () => act(rita, id, 'unaccept')]) {
    await step(pair);
    const { folder, quiet, headSeq, readSeq, muted, lastActivityAt, pos } = await view(rita, id);
    const tick = await socket.frame('tick', (frame) => frame.rows.some((row) => row.pos === pos));
    expect(tick.rows.find((row) => row.pos === pos)).toEqual({
      conversationId: id,
      folder,
      quiet: quiet ?? false,
      headSeq,
      readSeq,
      muted,
      lastActivityAt,
      pos,
    });
  }
});

test('a request that a program’s message moved to the inbox can still be decided', async () => {
  const { sam, rita, id } = await waiting();
  await allow(rita, sam, 'automated');
  const robot = await robotOf(house, sam);
  expect((await robot.write(rita.username, 'Your table is booked.')).status).toBe(201);
  expect(await rita.inbox()).toMatchObject([{ id, state: 'pending' }]);
  expect((await act(rita, id, 'decline')).status).toBe(204);
  expect((await sam.writeIn(id, 'Hello?')).body.code).toBe('request_pending');
});
