import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import type { ConversationId } from '../src/base/ids.ts';
import { finishIntents } from '../src/actions/finish-intents.ts';
import { openDatabase, type Database } from '../src/storage/database.ts';
import { lockConversations } from '../src/storage/conversations.ts';
import { pruneReceipts } from '../src/storage/messages.ts';
import type { FamilyUrls } from '../src/base/family.ts';
import { refuseInhabited } from './_support/contract-databases.ts';
import { freshDatabase } from './_support/database.ts';
import { act, allow, block, openHouse, request, sendFor, type House } from './_support/house.ts';
import { until, type TestPerson } from './_support/people.ts';
import { ask } from './_support/sql.ts';

// What Aside asks of the databases that hold its families, whatever they are: `npm run test:contract` runs these sentences on
// any four DSNs.

let house: House;
let urls: FamilyUrls;

beforeAll(async () => {
  const given = inject('contractUrls');
  const fresh = given ? { urls: given, drop: async () => {} } : await freshDatabase();
  ({ urls } = fresh);
  house = await openHouse({}, urls);
  return async () => {
    await house.app.stop();
    await fresh.drop();
  };
});

async function friends(): Promise<{ alice: TestPerson; bob: TestPerson; id: string }> {
  const { alice, bob } = await house.bring({ alice: {}, bob: { follows: ['alice'] } });
  const id = await firstMessage(alice, bob);
  await bob.writeIn(id, 'Of course');
  return { alice, bob, id };
}

async function firstMessage(from: TestPerson, to: TestPerson): Promise<string> {
  return (await from.write(to.username, 'Hello')).body.message.conversationId;
}

/** A pool of its own on a family, closed when the test ends. */
function open(url: string, onRetry?: (why: string) => void): Database {
  const db = openDatabase(url, 4, onRetry);
  onTestFinished(() => db.end());
  return db;
}

describe('a send', () => {
  test('of two at once gets numbers without gaps, in one order for both', async () => {
    const { alice, bob, id } = await friends();
    const sends = Array.from({ length: 60 }, (_, i) => (i % 2 ? alice : bob).writeIn(id, `${i}`));
    const answers = await Promise.all(sends);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    const log = await alice.messages(id);
    expect(await bob.messages(id)).toEqual(log);
    expect(log.map(({ seq }) => seq)).toEqual(Array.from({ length: 62 }, (_, i) => i + 1));
  });

  test('of many conversations at once is in one batch and in all of them', async () => {
    const pairs = await Promise.all(Array.from({ length: 12 }, friends));
    const answers = await Promise.all(
      pairs.flatMap(({ alice, bob, id }) => [alice.writeIn(id, 'to'), bob.writeIn(id, 'fro')]),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    for (const { alice, id } of pairs) {
      expect((await alice.messages(id)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    }
  });

  test('repeated twenty times at once is there once, and under another text refused', async () => {
    const { alice, id } = await friends();
    const clientId = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => alice.writeIn(id, 'once', clientId)),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(19);
    expect(new Set(answers.map(({ body }) => body.message.id)).size).toBe(1);
    expect(await alice.messages(id)).toHaveLength(3);
    expect((await alice.writeIn(id, 'another', clientId)).body.code).toBe('client_id_reused');
  });
});

describe('a request', () => {
  test('waits, and is accepted', async () => {
    const { sam, rita } = await house.bring({ sam: {}, rita: { reach: 'everyone' } });
    const id = await request(sam, rita);
    expect((await sam.writeIn(id, 'And?')).body.code).toBe('request_pending');
    expect(await rita.inbox('requests')).toMatchObject([{ id, state: 'pending' }]);
    await act(rita, id, 'accept');
    expect((await sam.writeIn(id, 'Thank you')).status).toBe(201);
    await until(async () => (await rita.inbox())[0]?.headSeq === 2);
    expect(await rita.inbox('requests')).toEqual([]);
  });

  test('to many uses up a budget that is kept under one row', async () => {
    const { sam } = await house.bring({ sam: { days: 0 } });
    const others = await house.bring(
      Object.fromEntries(
        Array.from({ length: 60 }, (_, i) => [`rita${i}`, { reach: 'everyone' as const }]),
      ),
    );
    const answers = await Promise.all(
      Object.values(others).map((rita, i) =>
        sam.write(rita.username, `Hello ${i} ${randomUUID()}`),
      ),
    );
    const let_ = answers.filter(({ status }) => status === 201).length;
    expect(let_).toBeGreaterThan(0);
    expect(let_).toBeLessThanOrEqual(40);
  });
});

test('consent: a grant lets a promotion through, its end and a block stop what follows', async () => {
  const { brand, rita } = await house.bring({
    brand: { kind: 'brand' },
    rita: { reach: 'everyone' },
  });
  const send = async (): Promise<number | string> => {
    const sent = await sendFor(brand, rita, 'promotional', 'Sale: 20 % off everything today');
    return sent.body.code ?? sent.status;
  };
  expect(await send()).toBe('consent_required');
  await allow(rita, brand, 'promotional');
  expect(await send()).toBe(201);
  await rita.call('DELETE', `/api/consent/${brand.username}/promotional`);
  expect(await send()).toBe('opted_out');
  await block(rita, brand);
  expect((await brand.write(rita.username, 'Are you there?')).status).not.toBe(201);
});

describe('the inbox', () => {
  test('of each member shows the newest and what is unread, ordered by what happened last', async () => {
    const first = await friends();
    const { alice } = first;
    const { cleo } = await house.bring({ cleo: { follows: [alice.username] } });
    const second = await firstMessage(alice, cleo);
    await first.bob.writeIn(first.id, 'newer');
    await until(async () => (await alice.inbox())[0]?.id === first.id);
    const [top, below] = await alice.inbox();
    expect(top).toMatchObject({ id: first.id, headSeq: 3, unread: 2 });
    expect(below).toMatchObject({ id: second, headSeq: 1, unread: 0 });
    await alice.call('POST', `/api/conversations/${first.id}/read`, { seq: 3 });
    expect((await alice.inbox())[0]).toMatchObject({ unread: 0, readSeq: 3 });
  });

  test('catches up in order of position after many conversations changed', async () => {
    const { alice } = await friends();
    const names = Array.from({ length: 30 }, (_, i) => `friend${i}`);
    const others = await house.bring(
      Object.fromEntries(names.map((name) => [name, { follows: [alice.username] }])),
    );
    const before = await house.watch(alice);
    const { pos } = await before.frame('welcome');
    await before.close();
    const ids = await Promise.all(Object.values(others).map((one) => firstMessage(alice, one)));
    await alice.inbox();
    const later = await house.watch(alice, pos);
    await until(() => {
      const rows = later.frames.flatMap((frame) => (frame.t === 'inbox' ? frame.rows : []));
      return new Set(rows.map(({ id }) => id)).size === ids.length;
    });
    const positions = later.frames.flatMap((frame) => (frame.t === 'inbox' ? [frame.pos] : []));
    expect(positions).toEqual([...positions].sort((a, b) => a - b));
  });
});

describe('the sweepers', () => {
  test('write inbox rows that a crash left out, and delete what says so', async () => {
    const { alice, bob, id } = await friends();
    await until(async () => (await bob.inbox())[0]?.headSeq === 2);
    await until(async () => (await outboxOf(id)).length === 0);
    // As a crash between the commit and the feed would have left it.
    await ask(urls.person, 'delete from inbox where user_id = $1 and conversation_id = $2', [
      bob.id,
      id,
    ]);
    await ask(urls.conversation, 'insert into outbox values ($1, 2, $2)', [id, new Date(0)]);
    await until(async () => (await bob.inbox())[0]?.headSeq === 2);
    await until(async () => (await outboxOf(id)).length === 0);
    expect((await alice.inbox())[0]).toMatchObject({ id, headSeq: 2 });
  });

  test('finish a change of two families that a crash cut in two', async () => {
    const { alice, bob, id } = await friends();
    await ask(
      urls.person,
      `insert into intent (user_id, intent_id, kind, other_id, created_at) values ($1, 1, 'block', $2, $3)`,
      [bob.id, alice.id, new Date(0)],
    );
    await ask(urls.person, 'insert into block values ($1, $2, $3)', [bob.id, alice.id, new Date()]);
    await finishIntents(house.app.app.world, new Date());
    expect((await alice.writeIn(id, 'too late')).status).not.toBe(201);
    expect(await ask(urls.person, 'select from intent where user_id = $1', [bob.id])).toEqual([]);
  });

  test('forget receipts by age, a page at a time, and no younger one', async () => {
    const { alice, id } = await friends();
    await Promise.all(Array.from({ length: 5 }, (_, i) => alice.writeIn(id, `${i}`)));
    const age = 'update receipt set sent_at = $2 where conversation_id = $1 and seq <= 4';
    await ask(urls.conversation, age, [id, new Date(1)]);
    const db = open(urls.conversation);
    const gone = [3, 3, 3].map(() => () => pruneReceipts(db, new Date(1_000), 3));
    const counts: number[] = [];
    for (const prune of gone) counts.push(await prune());
    expect(counts).toEqual([3, 1, 0]);
    const left = await ask(urls.conversation, 'select from receipt where conversation_id = $1', [
      id,
    ]);
    expect(left).toHaveLength(3);
  });
});

const outboxOf = (id: string): Promise<unknown[]> =>
  ask(urls.conversation, 'select from outbox where conversation_id = $1', [id]);

describe('a transaction starts over', () => {
  test('after a serialisation failure (40001), and then sees what the other wrote', async () => {
    const { id } = await friends();
    const why: string[] = [];
    const db = open(urls.conversation, (reason) => why.push(reason));
    let tries = 0;
    await db.transaction(async (tx) => {
      tries += 1;
      await tx.query('set transaction isolation level repeatable read');
      await tx.query('select rev from conversation where conversation_id = $1', [id]);
      // A rival commits in between, the first time.
      if (tries === 1) await raise(urls.conversation, id);
      await tx.query('update conversation set rev = rev + 1 where conversation_id = $1', [id]);
    });
    expect([tries, why]).toEqual([2, ['40']]);
    expect(await revOf(id)).toBe(2);
  });

  test('after a deadlock (40P01), and both rivals end', async () => {
    const [one, other] = [await friends(), await friends()];
    const why: string[] = [];
    const db = open(urls.conversation, (reason) => why.push(reason));
    const both = Promise.withResolvers<void>();
    let holding = 0;
    const inOrder = (first: string, then: string): Promise<void> =>
      db.transaction(async (tx) => {
        await lockConversations(tx, [first as ConversationId]);
        holding += 1;
        if (holding === 2) both.resolve();
        await both.promise;
        await tx.query('update conversation set rev = rev + 1 where conversation_id = $1', [then]);
      });
    await Promise.all([inOrder(one.id, other.id), inOrder(other.id, one.id)]);
    expect(why).toContain('40');
    expect([await revOf(one.id), await revOf(other.id)]).toEqual([1, 1]);
  });
});

async function raise(url: string, id: string): Promise<void> {
  await ask(url, 'update conversation set rev = rev + 1 where conversation_id = $1', [id]);
}

async function revOf(id: string): Promise<number> {
  const sql = 'select rev from conversation where conversation_id = $1';
  const [row] = await ask<{ rev: string }>(urls.conversation, sql, [id]);
  return Number(row?.rev);
}

test('the suite does not run on databases that people live in', async () => {
  const fresh = await freshDatabaseUnlessGiven();
  if (fresh) await expect(refuseInhabited(fresh)).resolves.toBeUndefined();
  await friends();
  await expect(refuseInhabited(urls)).rejects.toThrow('holds people already');
});

/** With given databases there is no server on which to make an empty one. */
async function freshDatabaseUnlessGiven(): Promise<FamilyUrls | null> {
  if (inject('contractUrls')) return null;
  const fresh = await freshDatabase();
  onTestFinished(fresh.drop);
  return fresh.urls;
}
