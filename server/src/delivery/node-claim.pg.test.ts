import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { createLog, silentLog } from '../base/log.ts';
import { openDatabase, type Database } from '../storage/database.ts';
import { freshDatabase } from '../../test/_support/database.ts';
import { until } from '../../test/_support/people.ts';
import { claimNumber, type NodeClaim } from './node-claim.ts';

// Numbers of nodes, claimed by several processes of one community.

let db: Database;
let drop: () => Promise<void>;
let warnings: string[];

beforeAll(async () => {
  const fresh = await freshDatabase();
  drop = fresh.drop;
  db = openDatabase(fresh.urls.identity, 20);
});
beforeEach(async () => {
  await db.query('delete from node');
});
afterAll(async () => {
  await db.end();
  await drop();
});

async function claim(secret = 'the same', hasBus = true): Promise<NodeClaim> {
  warnings = [];
  const log = createLog('warn', { write: (line: string) => void warnings.push(line) });
  const made = await claimNumber({ db, secret, log, hasBus });
  onTestFinished(() => made.stop());
  return made;
}

async function fill(count: number, ageMs: number): Promise<void> {
  await db.query(
    `insert into node (number, token, secret_mark, seen_at)
     select i, 'other ' || i, '', $2 from generate_series(0, $1::int - 1) as i`,
    [count, new Date(Date.now() - ageMs)],
  );
}

test('processes that start at the same moment get different numbers, and give them back', async () => {
  const claims = await Promise.all(Array.from({ length: 15 }, () => claim()));
  expect(new Set(claims.map((one) => one.number())).size).toBe(15);
  await claims[0]!.stop();
  expect(await db.query('select number from node')).toHaveLength(14);
});

test('the last free number is found; with none left the start is refused in words', async () => {
  await fill(1023, 0);
  expect((await claim()).number()).toBe(1023);
  await expect(claimNumber({ db, secret: '', log: silentLog(), hasBus: true })).rejects.toThrow(
    /All 1024 node numbers/,
  );
});

test('numbers of processes that ended without a word are free after three minutes', async () => {
  await fill(1024, 170_000);
  await expect(claim()).rejects.toThrow(/are taken/);
  await db.query('delete from node');
  await fill(1024, 190_000);
  await claim();
});

test('who finds its number taken takes another one', async () => {
  const one = await claim();
  const before = one.number();
  await db.query(`update node set token = 'somebody else', seen_at = $1`, [new Date()]);
  await until(() => one.number() !== before);
});

test('a different secret is noticed, and named with its remedy', async () => {
  await claim();
  await claim();
  expect(warnings).toEqual([]);
  await claim('another');
  expect(warnings.join()).toContain('Set the same ASIDE_AUTH_SECRET on all');
});
