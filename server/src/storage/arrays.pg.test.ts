import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshDatabase, type FreshDatabase } from '../../test/_support/database.ts';
import { plainArray, textArray } from './arrays.ts';
import { openDatabase, type Database } from './database.ts';

let fresh: FreshDatabase;
let db: Database;

beforeAll(async () => {
  fresh = await freshDatabase();
  db = openDatabase(fresh.urls.conversation, 1);
});
afterAll(async () => {
  await db.end();
  await fresh.drop();
});

test.each([
  [[]],
  [['one']],
  [
    [
      '',
      ' ',
      'null',
      'NULL',
      '{}',
      'a,b',
      '"',
      '\\',
      '\\"',
      '\n\t\r',
      '\u{1F600}é\u200d',
      '$1',
      '$&',
    ],
  ],
])('texts come back as they were: %j', async (texts) => {
  const rows = await db.query<{ text: string }>('select unnest($1::text[]) as text', [
    textArray(texts, (text) => text),
  ]);
  expect(rows.map((row) => row.text)).toEqual(texts);
});

test('ids, numbers, times, truth values and nothing come back as they were', async () => {
  const at = new Date('2026-05-04T03:02:01.987Z');
  const id = '9223372036854775807';
  const uuid = '0b2f4a52-7c2f-4e0e-9d0a-0f0d6b1c2a3b';
  const rows = await db.query(
    `select * from unnest($1::bigint[], $2::smallint[], $3::timestamptz[], $4::boolean[], $5::uuid[])
       as e (id, small, at, truth, uuid)`,
    [
      plainArray([id, null], (one) => one),
      plainArray([-3, 0], (one) => one),
      plainArray([at.toISOString(), null], (one) => one),
      plainArray([true, false], (one) => one),
      plainArray([uuid, null], (one) => one),
    ],
  );
  expect(rows).toEqual([
    { id, small: -3, at, truth: true, uuid },
    { id: null, small: 0, at: null, truth: false, uuid: null },
  ]);
});
