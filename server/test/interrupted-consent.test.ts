import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  act,
  allow,
  block,
  ledger,
  openHouse,
  page,
  robotOf,
  rows,
  sendFor,
  stop,
  view,
  waitingRequest,
  type House,
  type Waiting,
} from './_support/house.ts';
import { until, type TestPerson } from './_support/people.ts';
import { ask } from './_support/sql.ts';

// An act of consent is written in two places. Whatever interrupts it in between, the server finishes it without hands.

let house: House;

beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.app.stop());

const waiting = (): Promise<Waiting> => waitingRequest(house);

/** From now on no change of how this member stands can be committed; by then the ledger has been. */
async function breakStanding({ rita, id }: Waiting): Promise<() => Promise<void>> {
  const name = `broken_${id}`;
  await ask(
    house.app.urls.conversation,
    `create function ${name}() returns trigger language plpgsql as $$
     begin
       if old.conversation_id = ${id} and old.user_id = ${rita.id} then raise exception 'the disk is gone'; end if;
       return new;
     end $$`,
  );
  await ask(
    house.app.urls.conversation,
    `create constraint trigger ${name} after update on member deferrable initially deferred
     for each row execute function ${name}()`,
  );
  return async () => {
    await ask(house.app.urls.conversation, `drop trigger ${name} on member`);
    await ask(house.app.urls.conversation, `drop function ${name}()`);
  };
}

const intents = (one: TestPerson): Promise<{ intent_id: string; kind: string }[]> =>
  ask(house.app.urls.person, 'select intent_id, kind from intent where user_id = $1', [one.id]);

/** The sweeper looks at what is older than ten seconds. */
async function swept(one: TestPerson): Promise<void> {
  await house.advance(11_000);
  await until(async () => (await intents(one)).length === 0);
}

const acts: [
  kind: string,
  prepare: (pair: Waiting) => Promise<unknown>,
  act: (pair: Waiting) => Promise<{ status: number }>,
  isDone: (pair: Waiting) => Promise<unknown>,
][] = [
  [
    'accept',
    async () => {},
    ({ rita, id }) => act(rita, id, 'accept'),
    async ({ sam, rita, id }) => {
      expect(await rita.inbox()).toMatchObject([{ id, state: 'accepted', folder: 'inbox' }]);
      expect(await rita.inbox('requests')).toEqual([]);
      expect((await view(sam, id)).contact.allowed).toBe(true);
      expect((await sam.writeIn(id, 'Thank you')).status).toBe(201);
    },
  ],
  [
    'decline',
    async () => {},
    ({ rita, id }) => act(rita, id, 'decline'),
    async ({ sam, rita, id }) => {
      expect(await rows(rita)).toEqual(new Map());
      expect((await page(rita, 'folder=inbox')).requests).toEqual({ waiting: 0, quiet: 0 });
      expect((await sam.writeIn(id, 'Hello?')).body.code).toBe('request_pending');
    },
  ],
  [
    'unaccept',
    ({ rita, id }) => act(rita, id, 'accept'),
    ({ rita, id }) => act(rita, id, 'unaccept'),
    async ({ sam, rita, id }) => {
      expect(await rita.inbox('requests')).toMatchObject([{ id, state: 'none' }]);
      expect((await sam.writeIn(id, 'Hello?')).body.arrived).toBe('requests');
    },
  ],
  [
    'decline',
    async ({ rita, id }) => {
      await act(rita, id, 'accept');
      await act(rita, id, 'unaccept');
    },
    ({ rita, id }) => act(rita, id, 'decline'),
    async ({ rita }) => expect(await rows(rita)).toEqual(new Map()),
  ],
  [
    'grant',
    async () => {},
    ({ rita, sam }) => allow(rita, sam, 'all'),
    async ({ sam, rita }) => {
      expect((await sendFor(sam, rita, 'service', 'Your turn.')).body.arrived).toBe('inbox');
      expect((await ledger(rita)).filter((entry) => entry.kind === 'grant')).toHaveLength(3);
    },
  ],
  [
    'revoke',
    ({ rita, sam }) => allow(rita, sam, 'all'),
    ({ rita, sam }) => stop(rita, sam, 'service'),
    async ({ sam, rita }) => {
      expect((await sendFor(sam, rita, 'service', 'Hm')).body.code).toBe('opted_out');
      expect((await sendFor(sam, rita, 'automated', 'Hm')).body.arrived).toBe('inbox');
    },
  ],
];

describe('an act that broke off after the ledger and before the standing is finished:', () => {
  test.each(acts)('%s', async (kind, prepare, does, isDone) => {
    const pair = await waiting();
    await prepare(pair);
    await pair.rita.inbox();
    const before = (await ledger(pair.rita)).length;
    const repair = await breakStanding(pair);
    expect((await does(pair)).status).toBe(500);
    expect(await intents(pair.rita)).toMatchObject([{ kind }]);
    expect((await ledger(pair.rita)).length).toBeGreaterThan(before);
    await repair();
    await swept(pair.rita);
    await isDone(pair);
  });

  test('accept, and whoever was accepted hears of it, at once or when they catch up', async () => {
    const pair = await waiting();
    const { sam, rita, id } = pair;
    const socket = await house.watch(sam);
    const { pos } = await view(sam, id);
    const repair = await breakStanding(pair);
    await act(rita, id, 'accept');
    await repair();
    await swept(rita);
    await socket.frame('changed', (frame) => frame.conversationId === id);
    const late = await house.watch(sam, pos);
    expect((await late.frame('inbox')).rows).toMatchObject([{ id }]);
  });

  test('a grant to somebody with whom there is no conversation yet', async () => {
    const { sam, rita } = await house.bring({ sam: {}, rita: {} });
    await allow(rita, sam, 'automated');
    await stop(rita, sam, 'automated');
    const [pair] = await ask<{ conversation_id: string }>(
      house.app.urls.person,
      'select conversation_id from pair where low_id = $1 and high_id = $2',
      [sam.id, rita.id].toSorted((a, b) => Number(BigInt(a) - BigInt(b))),
    );
    const repair = await breakStanding({ sam, rita, id: pair!.conversation_id });
    expect((await allow(rita, sam, 'automated')).status).toBe(500);
    await repair();
    await swept(rita);
    const robot = await robotOf(house, sam);
    expect((await sendFor(robot, rita, 'automated', 'It is four.')).body.arrived).toBe('inbox');
    expect(await rita.inbox()).toHaveLength(1);
  });
});

describe('an act that broke off', () => {
  test('because the database went away is not forgotten either', async () => {
    const pair = await waiting();
    const { sam, rita, id } = pair;
    // The conversation’s connection ends at its commit, every time it is tried.
    await ask(
      house.app.urls.conversation,
      `create function lost_${id}() returns trigger language plpgsql as $$
       begin
         if old.conversation_id = ${id} then perform pg_terminate_backend(pg_backend_pid()); end if;
         return new;
       end $$`,
    );
    await ask(
      house.app.urls.conversation,
      `create trigger lost_${id} before update on member for each row execute function lost_${id}()`,
    );
    expect((await act(rita, id, 'decline')).status).toBe(503);
    await ask(house.app.urls.conversation, `drop trigger lost_${id} on member`);
    expect((await ledger(rita))[0]).toMatchObject({ kind: 'decline' });
    expect(await intents(rita)).toMatchObject([{ kind: 'decline' }]);
    await swept(rita);
    expect(await rows(rita)).toEqual(new Map());
    expect((await sam.writeIn(id, 'Hello?')).body.code).toBe('request_pending');
  });

  test.each([
    ['accept', (pair: Waiting) => act(pair.rita, pair.id, 'accept')],
    ['decline', (pair: Waiting) => act(pair.rita, pair.id, 'decline')],
    ['block', (pair: Waiting) => block(pair.rita, pair.sam)],
  ])('after the standing and before the lists: %s', async (kind, does) => {
    const pair = await waiting();
    const { rita, id } = pair;
    await rita.inbox('requests');
    const [before] = await ask<Record<string, string>>(
      house.app.urls.person,
      'select folder, folder_rev, expires_at from inbox where user_id = $1 and conversation_id = $2',
      [rita.id, id],
    );
    await does(pair);
    const fresh = [...(await rows(rita)).values()];
    // As the crash would have left it: the list of before, and the intent, which goes last.
    await ask(
      house.app.urls.person,
      `update inbox set folder = $3, folder_rev = $4, expires_at = $5 where user_id = $1 and conversation_id = $2`,
      [rita.id, id, before!['folder'], before!['folder_rev'], before!['expires_at']],
    );
    const [entry] = await ledger(rita);
    await ask(
      house.app.urls.person,
      `insert into intent (user_id, intent_id, kind, other_id, created_at) values ($1, $2, $3, $4, now())`,
      [rita.id, entry!.id, kind, pair.sam.id],
    );
    await swept(rita);
    const after = [...(await rows(rita)).values()];
    expect(after).toEqual(fresh.map((row) => ({ ...row, pos: expect.any(Number) })));
    expect((await page(rita, 'folder=inbox')).requests).toEqual({ waiting: 0, quiet: 0 });
  });

  test('before the ledger has not happened: nothing changes', async () => {
    const { sam, rita, id } = await waiting();
    await ask(
      house.app.urls.person,
      `insert into intent (user_id, intent_id, kind, other_id, created_at) values ($1, 4711, 'accept', $2, now())`,
      [rita.id, sam.id],
    );
    await swept(rita);
    expect(await rita.inbox('requests')).toMatchObject([{ id, state: 'pending' }]);
    expect(await ledger(rita)).toEqual([]);
  });

  test('does not overtake what the person said since', async () => {
    const pair = await waiting();
    const { sam, rita, id } = pair;
    const repair = await breakStanding(pair);
    expect((await allow(rita, sam, 'all')).status).toBe(500);
    expect((await act(rita, id, 'accept')).status).toBe(500);
    await repair();
    await stop(rita, sam, 'all');
    await act(rita, id, 'decline');
    await swept(rita);
    expect((await sendFor(sam, rita, 'service', 'Hm')).body.code).toBe('opted_out');
    expect((await sam.writeIn(id, 'Hm')).body.code).toBe('request_pending');
    expect(await rows(rita)).toEqual(new Map());
  });

  test('and was followed by a block grants nothing', async () => {
    const pair = await waiting();
    const { sam, rita } = pair;
    const repair = await breakStanding(pair);
    await allow(rita, sam, 'all');
    await repair();
    await block(rita, sam);
    await swept(rita);
    expect((await sendFor(sam, rita, 'service', 'Hm')).body.code).toBe('consent_required');
    await rita.call('DELETE', `/api/people/${sam.username}/block`);
    expect((await sendFor(sam, rita, 'service', 'Hm')).body.code).toBe('consent_required');
  });

  test('a message that was not written has used up nothing of its sender’s', async () => {
    const { sam, rita } = await house.bring({ sam: {}, rita: { reach: 'everyone' } });
    await ask(
      house.app.urls.conversation,
      `create function no_message() returns trigger language plpgsql as $$
       begin if new.sender_id = ${sam.id} then raise exception 'full'; end if; return new; end $$`,
    );
    await ask(
      house.app.urls.conversation,
      'create trigger no_message before insert on message for each row execute function no_message()',
    );
    expect((await sam.write(rita.username, 'Hello')).status).toBe(500);
    await ask(house.app.urls.conversation, 'drop trigger no_message on message');
    expect(
      await ask(house.app.urls.person, 'select from first_contact where user_id = $1', [sam.id]),
    ).toEqual([]);
    expect(await rows(rita)).toEqual(new Map());
    expect((await sam.write(rita.username, 'Hello')).body.arrived).toBe('requests');
  });
});
