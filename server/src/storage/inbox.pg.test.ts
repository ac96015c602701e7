import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshDatabase, type FreshDatabase } from '../../test/_support/database.ts';
import type { ConversationId, PersonId } from '../base/ids.ts';
import { openDatabase, type Database } from './database.ts';
import {
  findInboxRow,
  findPositions,
  listInboxChanges,
  raiseInboxRows,
  type InboxChange,
} from './inbox.ts';

let fresh: FreshDatabase;
let db: Database;
let people = 100;

beforeAll(async () => {
  fresh = await freshDatabase();
  db = openDatabase(fresh.urls.person, 8);
});
afterAll(async () => {
  await db.end();
  await fresh.drop();
});

const newPerson = (): PersonId => String((people += 1)) as PersonId;
const peer = '1' as PersonId;

function change(
  personId: PersonId,
  conversation: number,
  headSeq: number,
  readSeq = 0,
): InboxChange {
  return {
    personId,
    conversationId: String(conversation) as ConversationId,
    peerId: peer,
    headSeq,
    readSeq,
    lastActivityAt: new Date(1_700_000_000_000 + headSeq),
  };
}

test('repeating a change, and repeating an older one, leaves the row as it was but for its position', async () => {
  const me = newPerson();
  await raiseInboxRows(db, [change(me, 1, 7, 3)]);
  const before = await findInboxRow(db, me, '1' as ConversationId);
  await raiseInboxRows(db, [change(me, 1, 7, 3)]);
  await raiseInboxRows(db, [change(me, 1, 2, 1)]);
  const after = await findInboxRow(db, me, '1' as ConversationId);
  expect({ ...after, pos: 0 }).toEqual({ ...before, pos: 0 });
  expect(after!.pos).toBe(before!.pos + 2);
});

test('changes in any order end in the same row', async () => {
  const changes = [change(peer, 1, 1, 1), change(peer, 1, 9, 0), change(peer, 1, 4, 4)];
  const rows = [];
  for (const order of [
    [0, 1, 2],
    [2, 1, 0],
    [1, 0, 2],
  ]) {
    const me = newPerson();
    for (const i of order) await raiseInboxRows(db, [{ ...changes[i]!, personId: me }]);
    const { personId: _, ...row } = (await findInboxRow(db, me, '1' as ConversationId))!;
    rows.push(row);
  }
  expect(rows).toEqual([rows[0], rows[0], rows[0]]);
  expect(rows[0]).toMatchObject({ headSeq: 9, readSeq: 4 });
});

test('writers at once, with people in any order, give every change a position of its own and lock nobody out', async () => {
  const crowd = Array.from({ length: 10 }, newPerson);
  const seen = new Map<PersonId, number[]>(crowd.map((person) => [person, []]));
  await Promise.all(
    Array.from({ length: 40 }, async (_, round) => {
      const order = round % 2 === 0 ? crowd : [...crowd].reverse();
      const batch = order.flatMap((person) => [
        change(person, 1, round),
        change(person, 2 + round, 1),
      ]);
      for (const row of await raiseInboxRows(db, batch)) seen.get(row.personId)!.push(row.pos);
    }),
  );
  const positions = await findPositions(db, crowd);
  for (const person of crowd) {
    const given = seen.get(person)!.sort((a, b) => a - b);
    expect(given).toEqual(Array.from({ length: 80 }, (_, i) => i + 1));
    expect(positions.get(person)).toBe(80);
    const rows = await listInboxChanges(db, person, 0, 100);
    expect(rows).toHaveLength(41);
    expect(rows.map((row) => row.pos)).toEqual(rows.map((row) => row.pos).sort((a, b) => a - b));
  }
});

test('a reader who follows positions misses nothing, however the writers interleave', async () => {
  const me = newPerson();
  const expected = 300;
  const found = new Map<string, number>();
  let have = 0;
  let done = false;
  const reader = (async () => {
    for (;;) {
      const last = done;
      const rows = await listInboxChanges(db, me, have, 50);
      for (const row of rows) found.set(row.conversationId, row.headSeq);
      have = rows.at(-1)?.pos ?? have;
      if (last && rows.length === 0) return;
    }
  })();
  await Promise.all(
    Array.from({ length: expected }, (_, i) => raiseInboxRows(db, [change(me, i + 1, 1)])),
  );
  done = true;
  await reader;
  expect(found.size).toBe(expected);
});
