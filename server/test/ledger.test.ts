import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type {
  Consent,
  ConsentPage,
  LedgerEntry,
  LedgerPage,
  Message,
  WhyAnswer,
} from '@aside/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  act,
  allow,
  block,
  openHouse,
  ledger,
  robotOf,
  sendFor,
  stop,
  unblock,
  type House,
} from './_support/house.ts';
import type { TestPerson } from './_support/people.ts';
import { ask } from './_support/sql.ts';

// Every message that is not personal points at the act of its recipient that let it through, and no act is ever changed.

let house: House;

beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.app.stop());

/** Numbers that look drawn and are the same in every run. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * sides);
  };
}

const purposes = ['service', 'automated', 'promotional'] as const;

interface Town {
  people: TestPerson[];
  robots: TestPerson[];
}

async function town(): Promise<Town> {
  const made = await house.bring({
    ann: { reach: 'everyone' },
    ben: { reach: 'everyone' },
    shop: { kind: 'brand', owner: 'town', reach: 'everyone' },
    bank: { kind: 'brand', owner: 'town', reach: 'everyone' },
    bot: { kind: 'bot', reach: 'everyone' },
  });
  const people = Object.values(made);
  return { people, robots: await Promise.all(people.map((one) => robotOf(house, one))) };
}

/** Lives a while: everybody writes, allows, stops, accepts and blocks as the dice say. */
async function live({ people, robots }: Town, steps: number, seed: number): Promise<void> {
  const roll = dice(seed);
  for (let step = 0; step < steps; step += 1) {
    const from = roll(people.length);
    const to = (from + 1 + roll(people.length - 1)) % people.length;
    const [one, other] = [people[from]!, people[to]!];
    const purpose = purposes[roll(3)]!;
    const sentence = `Sentence ${step} of this town`;
    const acts: (() => Promise<unknown>)[] = [
      () => sendFor(robots[from]!, other, purpose, sentence),
      () => sendFor(robots[from]!, other, purpose, sentence),
      () => sendFor(one, other, purpose, sentence),
      () => one.write(other.username, sentence),
      () => one.write(other.username, sentence),
      () => allow(one, other, roll(2) ? purpose : 'all', roll(2) ? { language: 'de' } : {}),
      () => allow(one, other, purpose),
      () => (roll(3) ? stop(one, other, purpose) : one.write(other.username, 'stop')),
      async () => {
        const requests = await one.inbox('requests');
        const row = requests[0];
        if (row) await act(one, row.id, roll(4) ? 'accept' : 'decline');
      },
      () => (roll(4) ? unblock(one, other) : block(one, other)),
      () => house.advance(roll(40) * 600_000),
    ];
    await acts[roll(acts.length)]!();
  }
}

async function pages<T>(
  one: TestPerson,
  path: string,
  limit: number,
  itemsOf: (page: LedgerPage & ConsentPage) => T[],
): Promise<T[]> {
  const all: T[] = [];
  let cursor = '';
  for (;;) {
    const answer = await one.get<LedgerPage & ConsentPage>(`${path}?limit=${limit}${cursor}`);
    expect(answer.status).toBe(200);
    const items = itemsOf(answer.body);
    expect(items.length).toBeLessThanOrEqual(limit);
    all.push(...items);
    if (answer.body.nextCursor === undefined) return all;
    cursor = `&cursor=${answer.body.nextCursor}`;
  }
}

const entriesOf = (one: TestPerson, limit: number): Promise<LedgerEntry[]> =>
  pages(one, '/api/consent/ledger', limit, (page) => page.entries);
const consentsOf = (one: TestPerson, limit: number): Promise<Consent[]> =>
  pages(one, '/api/consent', limit, (page) => page.consents);

interface Stored {
  conversation_id: string;
  seq: string;
  sender_id: string;
  recipient_id: string | null;
  entry_id: string | null;
}

describe('after a lively history', () => {
  let here: Town;
  let before: { person: TestPerson; entries: LedgerEntry[] }[];
  beforeAll(async () => {
    here = await town();
    await live(here, 250, 7);
    before = await Promise.all(
      here.people.map(async (one) => ({ person: one, entries: await entriesOf(one, 200) })),
    );
    await live(here, 250, 8);
  }, 120_000);

  const stored = (): Promise<Stored[]> =>
    ask<Stored>(
      house.app.urls.conversation,
      `select m.conversation_id, m.seq, m.sender_id, p.recipient_id, p.entry_id
       from message m left join permit p using (conversation_id, seq) where m.purpose <> 1`,
    );

  test('each message that is not personal leads to an act of its recipient about its sender', async () => {
    const messages = await stored();
    expect(messages.length).toBeGreaterThan(40);
    for (const message of messages) {
      const found = await ask<{ kind: number; purpose: number | null; other_id: string }>(
        house.app.urls.person,
        `select l.kind, l.purpose, l.other_id from ledger l where l.user_id = $1 and l.entry_id = $2`,
        [message.recipient_id, message.entry_id],
      );
      expect(message.recipient_id).not.toBe(message.sender_id);
      expect(found).toEqual([
        expect.objectContaining({ other_id: message.sender_id, kind: expect.any(Number) }),
      ]);
      // Writing first, replying, granting, or a reply that opened one message: nothing else lets through.
      expect([1, 2, 8, 10]).toContain(found[0]!.kind);
    }
  });

  test('the API names the same act on the message, in “why” and in the ledger', async () => {
    let seen = 0;
    for (const one of here.people) {
      const known = new Map((await entriesOf(one, 200)).map((entry) => [entry.id, entry]));
      const folders = ['inbox', 'requests', 'archive'];
      const lists = await Promise.all(folders.map((folder) => one.inbox(folder)));
      for (const row of lists.flat()) {
        for (const message of await one.messages(row.id)) {
          const why = await one.get<WhyAnswer>(
            `/api/conversations/${row.id}/messages/${message.seq}/why`,
          );
          if (message.purpose === 'personal' || message.senderId === one.id) {
            expect(why.status).toBe(404);
            continue;
          }
          seen += 1;
          const entry = known.get(message.allowedBy!);
          expect(entry).toBeDefined();
          expect(why.body).toEqual({ entry, unsubscribe: message.unsubscribe });
          expect(entry!.person.id).toBe(message.senderId);
          expect(entry!.at <= message.createdAt).toBe(true);
          if (entry!.kind === 'grant') expect(entry!.purpose).toBe(message.purpose);
        }
      }
    }
    expect(seen).toBeGreaterThan(30);
  });

  test('what stood in a ledger half way stands there unchanged, below what came since', async () => {
    for (const { person, entries } of before) {
      const now = await entriesOf(person, 200);
      expect(now.length).toBeGreaterThan(entries.length);
      const ids = new Set(entries.map((entry) => entry.id));
      expect(now.filter((entry) => ids.has(entry.id))).toEqual(entries);
    }
  });

  test('pages of any size show every entry once, latest first', async () => {
    for (const one of here.people) {
      const all = await entriesOf(one, 200);
      const ids = all.map((entry) => BigInt(entry.id));
      expect(ids).toEqual(ids.toSorted((a, b) => (a < b ? 1 : -1)));
      expect(new Set(ids).size).toBe(ids.length);
      for (const limit of [1, 7]) expect(await entriesOf(one, limit)).toEqual(all);
      const consents = await consentsOf(one, 200);
      for (const limit of [1, 3]) expect(await consentsOf(one, limit)).toEqual(consents);
    }
  });

  test('who may write follows from the ledger: the latest word about each sender and purpose', async () => {
    for (const one of here.people) {
      const latest = new Map<string, Pick<Consent, 'state'>>();
      for (const entry of (await entriesOf(one, 200)).toReversed()) {
        const key = (purpose: string): string => `${entry.person.id} ${purpose}`;
        if (['wrote_first', 'replied', 'accept', 'grant'].includes(entry.kind)) {
          latest.set(key(entry.purpose!), { state: 'granted' });
        } else if (entry.kind === 'revoke') latest.set(key(entry.purpose!), { state: 'revoked' });
        else if (entry.kind === 'unaccept' || entry.kind === 'decline') {
          latest.delete(key('personal'));
        } else if (entry.kind === 'block') {
          for (const purpose of ['personal', ...purposes]) {
            if (latest.get(key(purpose))?.state === 'granted') latest.delete(key(purpose));
          }
        }
      }
      const shown = await consentsOf(one, 200);
      expect(
        new Map(shown.map(({ person, purpose, state }) => [`${person.id} ${purpose}`, { state }])),
      ).toEqual(latest);
    }
  });

  test('the export holds both, whole', async () => {
    const [one] = here.people;
    const { body } = await one!.get<{ ledger: LedgerEntry[]; consents: Consent[] }>('/api/export');
    expect(body.ledger).toEqual(await entriesOf(one!, 200));
    expect(body.consents).toEqual(await consentsOf(one!, 200));
  });

  test('a cursor that is not one of ours is refused', async () => {
    const [one] = here.people;
    for (const cursor of ['x', '-1', "1'--", '99999999999999999999', '1-', '1-99', '%00']) {
      for (const path of ['/api/consent/ledger', '/api/consent']) {
        const answer = await one!.get(`${path}?cursor=${encodeURIComponent(cursor)}`);
        expect([cursor, path, answer.status]).toEqual([cursor, path, 400]);
      }
    }
  });

  test('the ledger goes with its person, and with nobody else', async () => {
    const [ann, ben] = here.people;
    const about = (await entriesOf(ben!, 200)).filter((entry) => entry.person.id === ann!.id);
    expect(about.length).toBeGreaterThan(0);
    await ann!.call('DELETE', '/api/me');
    for (const table of [
      'ledger',
      'consent',
      'owner_refusal',
      'first_contact',
      'held',
      'sent_host',
    ]) {
      const left = await ask(house.app.urls.person, `select from ${table} where user_id = $1`, [
        ann!.id,
      ]);
      expect([table, left.length]).toEqual([table, 0]);
    }
    const after = await ledger(ben!);
    for (const { id } of about.slice(0, 50)) {
      expect(after.find((entry) => entry.id === id)?.person).toMatchObject({ username: '' });
    }
  });
});

test('no statement of the server changes or removes an entry, but for erasing its person', () => {
  const root = join(import.meta.dirname, '..', 'src');
  const found: string[] = [];
  for (const file of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts') || file.endsWith('.test.ts')) continue;
    const text = readFileSync(join(root, file), 'utf8').replace(/\s+/g, ' ');
    const statements =
      /\b(?:update|truncate|delete from|alter table|drop table) (?:only )?ledger\b/gi;
    found.push(...[...text.matchAll(statements)].map(() => file));
    if (/(?:update|delete from|truncate) \$\{/i.test(text)) found.push(`any table: ${file}`);
    for (const upsert of text.matchAll(/insert into ledger.*?(?=`)/gi)) {
      expect(upsert[0]).toContain('do nothing');
    }
  }
  expect(found.filter((file) => !erasing.has(file))).toEqual([]);
});

/** A person’s erasure and that of a conversation nobody is left in go table by table. */
const erasing = new Set(['any table: storage/people.ts', 'any table: storage/conversations.ts']);

test('a reply that let a message through is in the ledger before the message is seen', async () => {
  const { shop, rita } = await house.bring({ shop: { reach: 'everyone' }, rita: {} });
  const robot = await robotOf(house, shop);
  const asked = await rita.write(shop.username, 'Hello');
  const socket = await house.watch(rita);
  await sendFor(robot, rita, 'automated', 'We are closed.');
  const frame = await socket.frame('message');
  const message: Message = frame.message;
  expect(message.allowedBy).toBe(asked.body.message.id);
  expect((await ledger(rita)).map((entry) => entry.id)).toContain(message.allowedBy);
});
