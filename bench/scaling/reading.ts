import { join } from 'node:path';
import { administer, startEmbedded } from '../_support/databases.ts';
import { openSocket } from '../_support/load/web-socket-line.ts';
import { bringPeople, start, type Brought } from '../_support/start.ts';
import { countWords, pointOf, type Curve, type Point } from './curve.ts';
import { giveInbox, lengthen, peerConversation } from './history.ts';
import type { Bench } from './bench.ts';

// What reading costs as there is more to read: a page of the inbox, a page of a conversation, catching up.

/** All in one database, one person per size of inbox. Sizes take turns. */
export async function measureReading(bench: Bench): Promise<Curve[]> {
  const sizes = bench.quick ? [10, 1_000, 10_000] : [10, 1_000, 10_000, 100_000];
  const longest = bench.quick ? 20_000 : 200_000;
  const tries = bench.quick ? 30 : 200;
  const folder = await bench.folder();
  const database = await startEmbedded(folder);
  bench.later(() => database.stop());
  const url = await database.create('reading');
  const server = await start('server/start.js', {
    DATABASE_URL: url,
    DATA_DIR: join(folder, 'reading'),
    // One person asks for all of it, as fast as it comes.
    READ_RATE: '1000000',
    READ_BURST: '1000000',
    SOCKETS_PER_PERSON: '1000',
  });
  bench.later(() => server.stop());
  const people = await bringPeople(
    server.url,
    sizes.map((size) => ({ username: `has${size}`, name: `Has ${size}` })),
  );
  for (const [i, size] of sizes.entries()) await giveInbox(url, people[i]!.id, size, i);
  const long = peerConversation(0, 1);
  await lengthen(url, long, people[0]!.id, longest);
  for (const table of ['message', 'conversation', 'member', 'inbox', 'person', 'pair'])
    await administer(url, `vacuum (analyze) ${table}`);
  const reader: Reader = { url: server.url, databaseUrl: url, tries };
  return [
    await measureInbox(reader, sizes, people),
    await measureConversation(reader, people[0]!, long, longest),
    await measureCatchUp(reader, people[sizes.indexOf(10_000)]!, people[0]!, long, longest),
  ];
}

interface Reader {
  url: string;
  databaseUrl: string;
  tries: number;
}

async function measureInbox(
  reader: Reader,
  sizes: readonly number[],
  people: readonly Brought[],
): Promise<Curve> {
  const asked = await Promise.all(
    sizes.map(async (size, i) => {
      const { id, token } = people[i]!;
      const [row] = await administer<{ cursor: string }>(
        reader.databaseUrl,
        `select (extract(epoch from last_activity_at) * 1000)::bigint || '-' || conversation_id as cursor from inbox
         where user_id = ${id} order by last_activity_at limit 1 offset least(51, ${size} - 1)`,
      );
      const page = '/api/conversations?limit=50';
      return [
        { label: countWords(size), path: page, token },
        { label: countWords(size), path: `${page}&cursor=${row!.cursor}`, token },
      ] as const;
    }),
  );
  return {
    key: 'inbox',
    title: 'Page of the inbox',
    across: 'conversations of the person',
    unit: 'ms',
    series: [
      {
        name: 'first page',
        points: await timePages(
          reader,
          asked.map(([first]) => first),
        ),
      },
      {
        name: 'last page',
        points: await timePages(
          reader,
          asked.map(([, last]) => last),
        ),
      },
    ],
    notes: [
      'GET /api/conversations, 50 a page, one request at a time; the smallest inbox has 10 and 9 to show.',
    ],
  };
}

async function measureConversation(
  reader: Reader,
  { token }: Brought,
  conversationId: string,
  length: number,
): Promise<Curve> {
  const path = `/api/conversations/${conversationId}/messages?limit=50`;
  const points = await timePages(reader, [
    { label: 'newest', path, token },
    { label: 'middle', path: `${path}&before=${length / 2}`, token },
    { label: 'oldest', path: `${path}&after=0`, token },
  ]);
  return {
    key: 'conversation',
    title: `Page of a conversation of ${countWords(length)} messages`,
    across: 'where in it',
    unit: 'ms',
    series: [{ name: 'page of 50', points }],
    notes: ['GET /api/conversations/:id/messages, 50 a page, one request at a time.'],
  };
}

/** Time to a complete answer, in turns. */
async function timePages(
  { url, tries }: Reader,
  pages: readonly { label: string; path: string; token: string }[],
): Promise<Point[]> {
  const times = pages.map((): number[] => []);
  // The first tenth warms up.
  for (let round = -Math.ceil(tries / 10); round < tries; round += 1) {
    for (const [i, { path, token }] of pages.entries()) {
      const begin = performance.now();
      await getPage(url, path, token);
      if (round >= 0) times[i]!.push(performance.now() - begin);
    }
  }
  return pages.map(({ label }, i) => pointOf(label, times[i]!));
}

async function getPage(url: string, path: string, token: string): Promise<unknown> {
  const answer = await fetch(url + path, { headers: { authorization: `Bearer ${token}` } });
  const body: unknown = await answer.json();
  if (!answer.ok) throw new Error(`${path}: ${JSON.stringify(body)}`);
  return body;
}

/**
 * What a device does that was away: a socket with the last `pos` it saw, and for what is on screen the messages after
 * the last one it has. Once with every missed message in a conversation of its own, once with all in one.
 */
async function measureCatchUp(
  reader: Reader,
  wide: Brought,
  narrow: Brought,
  long: string,
  length: number,
): Promise<Curve> {
  const missed = [1, 100, 10_000];
  const tries = Math.max(5, reader.tries / 10);
  const times = missed.map(() => ({ wide: [] as number[], narrow: [] as number[] }));
  for (let round = -1; round < tries; round += 1) {
    for (const [i, count] of missed.entries()) {
      const one = await timeHello(reader.url, wide.token, 10_000 - count, 10_000);
      const other = await timeMessages(reader.url, narrow.token, long, length - count);
      if (round < 0) continue;
      times[i]!.wide.push(one);
      times[i]!.narrow.push(other);
    }
  }
  const points = (key: 'wide' | 'narrow'): Point[] =>
    missed.map((count, i) => pointOf(countWords(count), times[i]![key]));
  return {
    key: 'catch-up',
    title: 'Catching up',
    scale: 'log',
    across: 'messages missed',
    unit: 'ms',
    series: [
      { name: 'each in a conversation of its own', points: points('wide') },
      { name: 'all in one conversation', points: points('narrow') },
    ],
    notes: [
      'Apart: from the upgrade to the last inbox frame, 200 conversations a frame with their latest message. In one: GET …/messages?after=, 200 a page, to the end.',
    ],
  };
}

async function timeHello(url: string, token: string, pos: number, newest: number): Promise<number> {
  const begin = performance.now();
  const { socket } = await openSocket(url, token, pos, `"pos":${newest},"more":false`);
  const took = performance.now() - begin;
  socket.destroy();
  return took;
}

async function timeMessages(
  url: string,
  token: string,
  conversationId: string,
  have: number,
): Promise<number> {
  const begin = performance.now();
  for (let after = have, hasMore = true; hasMore;) {
    const path = `/api/conversations/${conversationId}/messages?limit=200&after=${after}`;
    const page = (await getPage(url, path, token)) as {
      messages: { seq: number }[];
      hasMore: boolean;
    };
    after = page.messages.at(-1)?.seq ?? after;
    hasMore = page.hasMore;
  }
  return performance.now() - begin;
}
