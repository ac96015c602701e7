import type { Conversation } from '@aside/protocol';
import { Client, escapeLiteral } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Queries } from '../src/storage/database.ts';
import type { ConversationId, PersonId } from '../src/base/ids.ts';
import { listInboxChanges, listInboxRows } from '../src/storage/inbox.ts';
import { readMessages } from '../src/storage/messages.ts';
import { manyConversations, manyMessages } from './_support/many.ts';
import { bringPeople, type TestPerson } from './_support/people.ts';
import { ask } from './_support/sql.ts';
import { startTestApp, type TestApp } from './_support/start-app.ts';

// Two hundred thousand messages in one conversation, ten thousand conversations of one person: a page costs what it
// shows. Judged by the plan and the pages of the table it touches, never by the clock.

const messages = 200_000;
const conversations = 10_000;

let app: TestApp;
let alice: TestPerson;
let id: ConversationId;

beforeAll(async () => {
  app = await startTestApp();
  const people = await bringPeople(app.url, ['alice', 'bob'], { alice: ['bob'], bob: ['alice'] });
  alice = people.alice;
  // The conversations first: they set her position, which the first message then raises.
  await manyConversations(app.urls, alice.id, people.bob.id, conversations);
  id = (await alice.write('bob', 'message 1')).body.message.conversationId as ConversationId;
  await manyMessages(app.urls, id, messages);
  await ask(app.urls.conversation, 'vacuum (analyze) message, member, conversation');
  await ask(app.urls.person, 'vacuum (analyze) inbox');
}, 60_000);
afterAll(() => app.stop());

describe('a page of a conversation of 200,000 messages', () => {
  test.each([
    ['at the top', '', messages - 49, 50],
    ['just below the top', `?before=${messages}&limit=200`, messages - 200, 200],
    ['in the middle, upwards', '?before=100001', 99_951, 50],
    ['in the middle, downwards', '?after=100000', 100_001, 50],
    ['at the end', '?before=51&limit=200', 1, 50],
    ['from the beginning', '?after=0&limit=200', 1, 200],
    ['before everything', '?before=1', 1, 0],
    ['after everything', `?after=${messages}`, 1, 0],
  ])('%s holds what was written there', async (_, query, first, length) => {
    const page = await alice.messages(id, query);
    expect(page.map((m) => [m.seq, m.text])).toEqual(
      Array.from({ length }, (_unused, i) => [first + i, `message ${first + i}`]),
    );
  });

  test('paging back from the top meets every message once', async () => {
    let before = messages + 1;
    for (let pages = 0; pages < 25; pages += 1) {
      const page = await alice.messages(id, `?before=${before}&limit=200`);
      expect(page.map((m) => m.seq)).toEqual(
        Array.from({ length: 200 }, (_, i) => before - 200 + i),
      );
      before -= 200;
    }
  });

  test.each([
    ['top', { before: Number.MAX_SAFE_INTEGER }],
    ['middle, upwards', { before: 100_000 }],
    ['middle, downwards', { after: 100_000 }],
    ['end', { after: 0 }],
    ['before everything', { before: 1 }],
  ])('%s: is one walk along the index', async (_, range) => {
    const plans = await plansOf(app.urls.conversation, (db) => readMessages(db, id, range, 51));
    expect(plans).toHaveLength(2);
    for (const plan of plans) expectFrugal(plan, 60);
  });
});

describe('an inbox of 10,000 conversations', () => {
  const me = (): PersonId => alice.id as PersonId;

  test('is paged through from the newest to the oldest, each once', async () => {
    const seen: Conversation[] = [];
    let cursor: string | undefined;
    do {
      const query = cursor === undefined ? '' : `&cursor=${cursor}`;
      const { body } = await alice.get<{ conversations: Conversation[]; nextCursor?: string }>(
        `/api/conversations?limit=200${query}`,
      );
      seen.push(...body.conversations);
      cursor = body.nextCursor;
    } while (cursor !== undefined);
    expect(seen).toHaveLength(conversations + 1);
    expect(new Set(seen.map((row) => row.id)).size).toBe(conversations + 1);
    const times = seen.map((row) => row.lastActivityAt);
    expect(times).toEqual([...times].sort().reverse());
  });

  test.each([0, 5_000, 9_999])(
    'shows a page below row %d by one walk along the index',
    async (skip) => {
      const cursor =
        skip === 0
          ? null
          : {
              at: new Date(Date.UTC(2026, 2, 1) + (conversations - skip) * 1000),
              conversationId: '9000000000' as ConversationId,
            };
      const plans = await plansOf(app.urls.person, (db) =>
        listInboxRows(db, me(), {
          folder: 'inbox',
          unreadOnly: false,
          quiet: null,
          now: new Date(),
          cursor,
          limit: 51,
        }),
      );
      expect(plans).toHaveLength(2);
      for (const plan of plans) expectFrugal(plan, 60);
    },
  );

  test.each([0, 5_000, 9_990])(
    'tells what changed after position %d by one walk along the index',
    async (pos) => {
      const plans = await plansOf(app.urls.person, (db) => listInboxChanges(db, me(), pos, 201));
      expect(plans).toHaveLength(2);
      for (const plan of plans) expectFrugal(plan, 220);
    },
  );
});

interface Plan {
  'Node Type': string;
  'Shared Hit Blocks': number;
  'Shared Read Blocks': number;
  'Actual Rows': number;
  Plans?: Plan[];
}

/**
 * The plans of exactly the statements that a storage function runs, executed: planned for these values, and planned
 * once for all values, as PostgreSQL may do with a statement that comes often.
 */
async function plansOf(url: string, run: (db: Queries) => Promise<unknown>): Promise<Plan[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const plans: Plan[] = [];
  const db: Queries = {
    async query<Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
      await client.query(`prepare statement as ${text}`);
      for (const mode of ['force_custom_plan', 'force_generic_plan']) {
        await client.query(`set plan_cache_mode = ${mode}`);
        const explained = await client.query<{ 'QUERY PLAN': { Plan: Plan }[] }>(
          `explain (analyze, buffers, timing off, format json)
           execute statement (${values.map(literal).join(', ')})`,
        );
        plans.push(explained.rows[0]!['QUERY PLAN'][0]!.Plan);
      }
      const { rows } = await client.query(text, values as unknown[]);
      return rows as Row[];
    },
  };
  try {
    await run(db);
  } finally {
    await client.end();
  }
  return plans;
}

function literal(value: unknown): string {
  if (value === null) return 'null';
  return escapeLiteral(value instanceof Date ? value.toISOString() : `${value as string | number}`);
}

/** Index scans only, nothing sorted, and hardly more pages touched than rows shown. */
function expectFrugal(plan: Plan, buffersMax: number): void {
  const nodes = flat(plan).map((node) => node['Node Type']);
  expect(nodes.some((name) => /^Index( Only)? Scan/.test(name))).toBe(true);
  expect(nodes.filter((name) => /Seq Scan|Sort|Bitmap|Hash/.test(name))).toEqual([]);
  expect(plan['Shared Hit Blocks'] + plan['Shared Read Blocks']).toBeLessThanOrEqual(buffersMax);
}

function flat(plan: Plan): Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(flat)];
}
