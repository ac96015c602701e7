import { join } from 'node:path';
import { administer, startEmbedded, type DatabaseServer } from '../_support/databases.ts';
import { openGenerator, type Generator } from '../_support/load/generator.ts';
import { bringPeople, start } from '../_support/start.ts';
import { median } from '../_support/statistics.ts';
import type { Bench } from './bench.ts';
import { countWords, pointOf, type Curve } from './curve.ts';
import { bytesPerRow, introduce, storeMessages } from './history.ts';

// What a long history costs: bytes per message, and sends per second beside an empty database.

const people = 100;
const goalBytes = 220;
const goalShare = 0.8;

interface Stored {
  size: number;
  url: string;
  generator: Generator;
}

export async function measureStored(bench: Bench): Promise<Curve[]> {
  const sizes = bench.quick ? [0, 100_000, 1_000_000] : [0, 1_000_000, 10_000_000];
  const [rounds, ms] = bench.quick ? [5, 2_000] : [9, 4_000];
  const folder = await bench.folder();
  const database = await startEmbedded(folder);
  bench.later(() => database.stop());
  const all: Stored[] = [];
  for (const size of sizes) all.push(await prepare(bench, database, folder, size));
  const bytes = await measureBytes(all);
  const rates = all.map((): number[] => []);
  for (const { generator } of all) await generator.run(people, 1, 2_000);
  for (let round = 0; round < rounds; round += 1) {
    for (const [i, { generator }] of all.entries()) {
      rates[i]!.push((await generator.run(people, 1, ms)).perSecond);
    }
  }
  return [bytes, ratesOf(sizes, rates)];
}

async function prepare(
  bench: Bench,
  database: DatabaseServer,
  folder: string,
  size: number,
): Promise<Stored> {
  const name = `stored${size}`;
  const url = await database.create(name);
  const server = await start('server/start.js', {
    DATABASE_URL: url,
    DATA_DIR: join(folder, name),
    SEND_RATE: '1000000',
    SEND_BURST: '1000000',
  });
  bench.later(() => server.stop());
  const name1 = (kind: string) => (_: unknown, i: number) => ({
    username: `${kind}${i}`,
    name: `${kind} ${i}`,
  });
  const senders = await bringPeople(server.url, Array.from({ length: people }, name1('from')));
  const recipients = await bringPeople(server.url, Array.from({ length: people }, name1('to')));
  const conversationIds = await introduce(url, {
    senderIds: senders.map(({ id }) => id),
    recipientIds: recipients.map(({ id }) => id),
  });
  const begin = Date.now();
  if (size > 0) await storeMessages(url, size);
  bench.say(`stored ${countWords(size)} messages in ${Math.round((Date.now() - begin) / 1000)} s`);
  const bySender = new Map(conversationIds.map(({ senderId, ids }) => [senderId, ids]));
  const generator = await openGenerator({
    do: 'open',
    protocol: 'mesh',
    url: server.url,
    mesh: {
      senders: senders.map(({ id, token }) => ({ token, conversationIds: bySender.get(id)! })),
      recipients: recipients.map(({ token }) => ({ token })),
    },
  });
  bench.later(async () => generator.stop());
  return { size, url, generator };
}

async function measureBytes(all: readonly Stored[]): Promise<Curve> {
  const full = all.filter(({ size }) => size > 0);
  const of = (table: string) =>
    Promise.all(
      full.map(async ({ size, url }) => pointOf(countWords(size), [await bytesPerRow(url, table)])),
    );
  const messages = await of('message');
  const receipts = await of('receipt');
  const outbox = await outboxBytes(full.at(-1)!.url);
  return {
    key: 'bytes',
    title: 'Bytes per message',
    across: 'messages stored',
    unit: 'bytes',
    series: [
      { name: 'message and index', points: messages },
      { name: 'its receipt, for four days', points: receipts },
    ],
    goal: {
      value: goalBytes,
      words: `at most ${goalBytes} bytes for a body of 60`,
      isMet: messages.every((point) => point.median <= goalBytes),
    },
    notes: [
      `A body of 60 bytes; tables and indexes as they grow when conversations take turns. An outbox row takes ${outbox} bytes with its index and lives until the inbox rows are written, some milliseconds.`,
    ],
  };
}

async function outboxBytes(url: string): Promise<number> {
  await administer(
    url,
    `create table bench_outbox (like outbox including all);
     insert into bench_outbox select conversation_id, 1, now() from bench_chat`,
  );
  return Math.round(await bytesPerRow(url, 'bench_outbox'));
}

function ratesOf(sizes: readonly number[], rates: readonly number[][]): Curve {
  const points = sizes.map((size, i) => pointOf(size === 0 ? 'none' : countWords(size), rates[i]!));
  const share = Math.min(...rates.map((one) => median(one.map((rate, n) => rate / rates[0]![n]!))));
  return {
    key: 'sends',
    title: 'Sends over a history',
    across: 'messages stored before',
    unit: 'messages/s',
    series: [{ name: '100 senders, one in flight each', points }],
    goal: {
      value: points[0]!.median * goalShare,
      words: 'at most 20 % fewer than with none',
      isMet: share >= goalShare,
    },
    notes: [
      `100 people write in turn to 100 others each, over 10,000 conversations; three servers on one PostgreSQL take turns. The least share of the empty one's rate, by round: ${share.toFixed(2)}.`,
    ],
  };
}
