import type { ProfileView } from '@aside/protocol';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PersonId } from '../src/base/ids.ts';
import type { Queries } from '../src/storage/database.ts';
import { lockPeople } from '../src/storage/people.ts';
import { befriend, bringPeople, until, type TestPerson } from './_support/people.ts';
import { openSocket } from './_support/spy-socket.ts';
import { ask } from './_support/sql.ts';
import { startTestApp, type TestApp } from './_support/start-app.ts';

// A block is opaque and total as seen from the blocked account, and there when it is answered.

let app: TestApp;
let count = 0;

beforeAll(async () => {
  app = await startTestApp({ env: { SEND_RATE: '100000', SEND_BURST: '100000' } });
});
afterAll(() => app.stop());

/** Mallory and a stranger stand alike to the recipient, who is Alice. */
async function three(): Promise<Record<'alice' | 'mallory' | 'stranger', TestPerson>> {
  count += 1;
  const names = ['alice', 'mallory', 'stranger'].map((name) => `${name}_${count}`);
  const people = await bringPeople(app.url, names);
  const [alice, mallory, stranger] = names.map((name) => people[name]!);
  return { alice: alice!, mallory: mallory!, stranger: stranger! };
}

const block = (one: TestPerson, other: TestPerson) =>
  one.call('PUT', `/api/people/${other.username}/block`);
const unblock = (one: TestPerson, other: TestPerson) =>
  one.call('DELETE', `/api/people/${other.username}/block`);
const follow = (one: TestPerson, other: TestPerson) =>
  one.call('PUT', `/api/people/${other.username}/follow`);

async function rawPost(
  sender: TestPerson,
  path: string,
): Promise<{ status: number; text: string; type: string | null }> {
  const response = await fetch(app.url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${sender.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ clientId: crypto.randomUUID(), text: 'Hello' }),
  });
  return {
    status: response.status,
    text: await response.text(),
    type: response.headers.get('content-type'),
  };
}

describe('opaque', () => {
  test('who is blocked gets, byte for byte, what a stranger gets', async () => {
    const { alice, mallory, stranger } = await three();
    const path = `/api/conversations/with/${alice.username}/messages`;
    const asStranger = await rawPost(stranger, path);
    expect(asStranger.status).toBe(403);
    expect(await rawPost(mallory, path)).toEqual(asStranger);
    await block(alice, mallory);
    expect(await rawPost(mallory, path)).toEqual(asStranger);

    const [one, other] = [
      await openSocket(app.url, mallory.token),
      await openSocket(app.url, stranger.token),
    ];
    const clientId = crypto.randomUUID();
    expect(await one.write({ to: alice.username }, 'Hello', clientId)).toEqual(
      await other.write({ to: alice.username }, 'Hello', clientId),
    );
    await Promise.all([one.close(), other.close()]);
  });

  test('a block, an unblock and their repetition change nothing that the blocked one can read', async () => {
    const { alice, mallory, stranger } = await three();
    await follow(mallory, alice);
    const socket = await openSocket(app.url, mallory.token);
    const view = async (): Promise<string> =>
      JSON.stringify([
        (await mallory.get(`/api/people/${alice.username}`)).body,
        (await mallory.get(`/api/people?q=${alice.username}`)).body,
        (await mallory.get('/api/conversations')).body,
        (await mallory.get('/api/me')).body,
      ]);
    const before = await view();
    await block(alice, mallory);
    expect(await view()).toBe(before);
    await block(alice, mallory);
    await mallory.write(alice.username, 'refused anyway');
    expect(await view()).toBe(before);
    await unblock(alice, mallory);
    expect(await view()).toBe(before);
    socket.send({ t: 'ping' });
    await socket.frame('pong');
    expect(socket.frames.map((f) => f.t)).toEqual(['welcome', 'pong']);
    await socket.close();
    // The twin: what the blocker can read does change.
    await block(alice, stranger);
    expect((await alice.get('/api/blocks')).body).toMatchObject({ people: [{ id: stranger.id }] });
  });

  test('by its id, the empty conversation that a block leaves cannot be told from none', async () => {
    const { alice, mallory } = await three();
    await block(alice, mallory);
    const [pair] = await ask<{ id: string }>(
      app.urls.person,
      'select conversation_id as id from pair where $1 in (low_id, high_id)',
      [mallory.id],
    );
    const attempts = async (id: string): Promise<unknown[]> => {
      const socket = await openSocket(app.url, mallory.token);
      const answers = await Promise.all([
        mallory.get(`/api/conversations/${id}`),
        mallory.get(`/api/conversations/${id}/messages`),
        mallory.call('POST', `/api/conversations/${id}/read`, { seq: 1 }),
        mallory.writeIn(id, 'Hello'),
        mallory.call('POST', `/api/people/${alice.username}/report`, {
          reason: 'spam',
          conversationId: id,
          seqs: [1],
        }),
      ]);
      const frame = await socket.write({ conversationId: id }, 'Hello', crypto.randomUUID());
      await socket.close();
      return [
        ...answers.map(({ status, body }) => [status, body]),
        { ...frame, clientId: undefined },
      ];
    };
    const answers = await attempts(pair!.id);
    expect(answers).toEqual(await attempts('4611686018427387904'));
    for (const answer of answers.slice(0, 5)) {
      expect(answer).toMatchObject([404, { code: 'not_found' }]);
    }
    // The twin: once somebody has written there, its id is a way in.
    await unblock(alice, mallory);
    await follow(alice, mallory);
    expect((await mallory.write(alice.username, 'Hello')).body.message.conversationId).toBe(
      pair!.id,
    );
    expect((await mallory.get(`/api/conversations/${pair!.id}`)).status).toBe(200);
  });

  test('in a conversation they share, the row, the log and the counters of the blocked one stay as they were', async () => {
    const { alice, mallory } = await three();
    await follow(alice, mallory);
    const conversationId = await befriend(mallory, alice);
    const socket = await openSocket(app.url, mallory.token);
    await until(async () => (await mallory.inbox())[0]?.headSeq === 2);
    const view = async (): Promise<string> =>
      JSON.stringify([
        await mallory.inbox(),
        await mallory.messages(conversationId),
        (await openSocketAndLeave(mallory)).pos,
      ]);
    const before = await view();
    await block(alice, mallory);
    expect(await view()).toBe(before);
    await unblock(alice, mallory);
    expect(await view()).toBe(before);
    await socket.close();
  });

  test('the blocker’s own follow ends, and the blocker no longer sees the follow of the blocked one', async () => {
    const { alice, mallory } = await three();
    await follow(alice, mallory);
    await follow(mallory, alice);
    await block(alice, mallory);
    const seen = (await alice.get<ProfileView>(`/api/people/${mallory.username}`)).body
      .relationship;
    expect(seen).toMatchObject({ following: false, followedBy: false, blocking: true });
    const own = (await mallory.get<ProfileView>(`/api/people/${alice.username}`)).body.relationship;
    expect(own).toMatchObject({ following: true, followedBy: false, blocking: false });
  });
});

describe('no follow stands beside a block', () => {
  const followsOf = (one: TestPerson): Promise<unknown[]> =>
    ask(app.urls.person, 'select 1 from follow where user_id = $1', [one.id]);
  const followedBy = async (one: TestPerson, other: TestPerson): Promise<boolean> =>
    (await one.get<ProfileView>(`/api/people/${other.username}`)).body.relationship.followedBy;

  test('one that the operator brings after it is left out', async () => {
    const { alice, mallory, stranger } = await three();
    await block(alice, mallory);
    await bringPeople(app.url, [alice.username], {
      [alice.username]: [mallory.username, stranger.username],
    });
    expect(await followedBy(stranger, alice)).toBe(true);
    expect(await followedBy(mallory, alice)).toBe(false);
    expect(await followsOf(alice)).toHaveLength(1);
  });

  test('one that races it is ended by it, or left out', async () => {
    for (let round = 0; round < 20; round += 1) {
      const { alice, mallory } = await three();
      await Promise.all([
        ...Array.from({ length: 3 }, () => follow(alice, mallory)),
        block(alice, mallory),
        ...Array.from({ length: 3 }, () => follow(alice, mallory)),
      ]);
      expect(await followsOf(alice)).toEqual([]);
    }
  });

  test('a follow that was written before the block has ended when the block is answered', async () => {
    const { alice, mallory } = await three();
    const holder = new Client({ connectionString: app.urls.person });
    await holder.connect();
    try {
      // The follow has looked for a block and found none, and is not committed yet.
      await holder.query('begin');
      await lockPeople(asQueries(holder), [alice.id as PersonId]);
      await holder.query('insert into follow values ($1, $2, now())', [alice.id, mallory.id]);
      const blocked = block(alice, mallory);
      await until(async () => {
        const waiting = await ask(
          app.urls.person,
          `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        );
        return waiting.length > 0;
      });
      await holder.query('commit');
      expect((await blocked).status).toBe(200);
    } finally {
      await holder.end();
    }
    expect(await followsOf(alice)).toEqual([]);
  });

  test('one that stands there all the same is not shown to the blocked one', async () => {
    const { alice, mallory } = await three();
    await follow(alice, mallory);
    expect(await followedBy(mallory, alice)).toBe(true);
    await block(alice, mallory);
    await ask(app.urls.person, 'insert into follow values ($1, $2, now())', [alice.id, mallory.id]);
    expect(await followedBy(mallory, alice)).toBe(false);
  });
});

describe('total', () => {
  test('neither HTTP nor the socket, neither the name nor the conversation is a way in', async () => {
    const { alice, mallory } = await three();
    await follow(alice, mallory);
    const first = await mallory.write(alice.username, 'Hello');
    const { conversationId } = first.body.message;
    await alice.writeIn(conversationId, 'Hello yourself');
    const socket = await openSocket(app.url, mallory.token);
    expect((await mallory.writeIn(conversationId, 'the allowed twin')).status).toBe(201);
    await block(alice, mallory);
    for (const answer of [
      await mallory.write(alice.username, 'by name'),
      await mallory.writeIn(conversationId, 'by id'),
    ]) {
      expect(answer).toMatchObject({ status: 403, body: { code: 'not_accepting' } });
    }
    for (const target of [{ to: alice.username }, { conversationId }]) {
      expect(await socket.write(target, 'by socket')).toMatchObject({
        t: 'refused',
        code: 'not_accepting',
      });
    }
    // A retry of what was sent before is no new message: it is answered as ever.
    expect((await mallory.write(alice.username, 'Hello', first.body.message.clientId)).status).toBe(
      200,
    );
    expect((await alice.messages(conversationId)).length).toBe(3);
    await socket.close();
  });

  test('typing does not reach who blocked the writer', async () => {
    const { alice, mallory } = await three();
    await follow(alice, mallory);
    const conversationId = await befriend(mallory, alice);
    const [one, other] = [
      await openSocket(app.url, alice.token),
      await openSocket(app.url, mallory.token),
    ];
    other.send({ t: 'typing', conversationId });
    await one.frame('typing');
    await block(alice, mallory);
    const seen = one.frames.length;
    other.send({ t: 'typing', conversationId });
    other.send({ t: 'ping' });
    await other.frame('pong');
    one.send({ t: 'ping' });
    await one.frame('pong');
    expect(one.frames.slice(seen).filter((f) => f.t === 'typing')).toEqual([]);
    await Promise.all([one.close(), other.close()]);
  });

  test('who blocks cannot write either, and is told why', async () => {
    const { alice, mallory } = await three();
    await follow(mallory, alice);
    expect((await alice.write(mallory.username, 'Hello')).status).toBe(201);
    await block(alice, mallory);
    expect(await alice.write(mallory.username, 'Hello')).toMatchObject({
      status: 403,
      body: { code: 'you_blocked' },
    });
    const view = await alice.get<ProfileView>(`/api/people/${mallory.username}`);
    expect(view.body.contact).toMatchObject({ allowed: false, code: 'you_blocked' });
    expect(await alice.call('PUT', `/api/people/${mallory.username}/follow`)).toMatchObject({
      status: 403,
      body: { code: 'you_blocked' },
    });
    // Her own first message is unanswered, as it was before; a block that is over says nothing about it.
    await unblock(alice, mallory);
    expect((await alice.write(mallory.username, 'Hello again')).body.code).toBe('request_pending');
    const { conversationId } = (await mallory.inbox('requests'))[0]!.lastMessage!;
    await mallory.call('POST', `/api/conversations/${conversationId}/accept`);
    expect((await alice.write(mallory.username, 'Hello again')).status).toBe(201);
  });
});

test('of fifty messages under way, none arrives after the block is answered', async () => {
  const { alice, mallory } = await three();
  await follow(alice, mallory);
  const conversationId = await befriend(mallory, alice);
  const socket = await openSocket(app.url, alice.token);
  const sends = Array.from({ length: 50 }, (_, i) => mallory.writeIn(conversationId, `text ${i}`));
  await Promise.race(sends);
  expect((await block(alice, mallory)).status).toBe(200);
  const atBlock = (await alice.messages(conversationId)).length;
  const frames = socket.messages(conversationId).length;
  const answers = await Promise.all(sends);
  const later = await Promise.all(
    Array.from({ length: 10 }, () => mallory.writeIn(conversationId, 'later')),
  );
  expect(later.every((answer) => answer.body.code === 'not_accepting')).toBe(true);
  expect((await alice.messages(conversationId)).length).toBe(atBlock);
  expect(answers.filter((answer) => answer.status === 201).length).toBe(atBlock - 2);
  socket.send({ t: 'ping' });
  await socket.frame('pong');
  expect(socket.messages(conversationId).length).toBe(Math.max(frames, atBlock - 2));
  await socket.close();
});

test('blocking and unblocking from two devices at once leaves both families saying the same', async () => {
  for (let round = 0; round < 5; round += 1) {
    const { alice, mallory } = await three();
    await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        i % 2 === 0 ? block(alice, mallory) : unblock(alice, mallory),
      ),
    );
    const { person, conversation } = app.app.world.families;
    const listed = await person.query('select 1 from block where user_id = $1', [alice.id]);
    const [member] = await conversation.query<{ blocks: boolean }>(
      'select blocks from member where user_id = $1',
      [alice.id],
    );
    expect(member!.blocks).toBe(listed.length === 1);
    expect(await person.query('select 1 from intent where user_id = $1', [alice.id])).toEqual([]);
  }
});

describe('an unblock restores nothing:', () => {
  test('who was accepted is a stranger again, whom a follow admits as far as a request', async () => {
    const { alice, mallory } = await three();
    await follow(alice, mallory);
    const id = await befriend(mallory, alice);
    expect((await mallory.writeIn(id, 'the allowed twin')).body.arrived).toBe('inbox');
    await block(alice, mallory);
    await unblock(alice, mallory);
    expect((await alice.get('/api/blocks')).body).toEqual({ people: [] });
    expect((await mallory.writeIn(id, 'Hello again')).body.code).toBe('not_accepting');
    await follow(alice, mallory);
    expect(await mallory.writeIn(id, 'Hello again')).toMatchObject({
      status: 201,
      body: { arrived: 'requests' },
    });
    expect((await mallory.writeIn(id, 'and again')).body.code).toBe('request_pending');
    expect(await alice.inbox('requests')).toMatchObject([{ id, state: 'pending', unread: 2 }]);
  });

  test('a request that a block ended stays ended, and its sender cannot tell', async () => {
    const { alice, mallory } = await three();
    await follow(alice, mallory);
    const sent = await mallory.write(alice.username, 'Hello');
    const { conversationId } = sent.body.message;
    expect(await alice.inbox('requests')).toHaveLength(1);
    const attempt = async (): Promise<unknown> => {
      const { status, body } = await mallory.writeIn(conversationId, 'Hello again');
      return { status, body };
    };
    const before = await attempt();
    expect(before).toMatchObject({ status: 403, body: { code: 'request_pending' } });
    await block(alice, mallory);
    expect(await attempt()).toEqual(before);
    await unblock(alice, mallory);
    await follow(alice, mallory);
    expect(await attempt()).toEqual(before);
    for (const folder of ['inbox', 'requests', 'archive']) {
      expect(await alice.inbox(folder)).toEqual([]);
    }
    // The twin: she writes herself, and he may answer.
    expect((await alice.write(mallory.username, 'Changed my mind')).status).toBe(201);
    expect(await alice.inbox()).toHaveLength(1);
  });
});

test('three hundred changes of one block at once hold up nobody else', async () => {
  const { alice, mallory, stranger } = await three();
  await follow(stranger, alice);
  await befriend(alice, stranger);
  const changes = Array.from({ length: 300 }, (_, i) =>
    (i % 2 === 0 ? block : unblock)(alice, mallory),
  );
  let waitingAtOnce = 0;
  const settled = Promise.allSettled(changes);
  let isOver = false;
  void settled.then(() => (isOver = true));
  while (!isOver) {
    const [row] = await ask<{ n: number }>(
      app.urls.conversation,
      `select count(*)::int as n from pg_stat_activity
       where datname = current_database() and application_name = 'aside' and wait_event_type = 'Lock'`,
    );
    waitingAtOnce = Math.max(waitingAtOnce, row!.n);
    expect((await alice.write(stranger.username, 'meanwhile')).status).toBe(201);
  }
  expect(waitingAtOnce).toBeLessThan(2);
  const answers = await Promise.all(changes);
  for (const { status } of answers) expect([200, 429]).toContain(status);
  await block(alice, mallory);
  expect((await alice.get('/api/blocks')).body).toMatchObject({ people: [{ id: mallory.id }] });
});

test('an unblock where nothing is blocked leaves no trace', async () => {
  const { alice, mallory } = await three();
  const pairs = (): Promise<unknown[]> =>
    ask(app.urls.person, 'select 1 from pair where $1 in (low_id, high_id)', [mallory.id]);
  expect((await unblock(alice, mallory)).status).toBe(200);
  expect(await pairs()).toEqual([]);
  await block(alice, mallory);
  expect(await pairs()).toHaveLength(1);
});

test('an unfinished change that fails holds up neither the others nor the start', async () => {
  const { alice, mallory, stranger } = await three();
  const { urls } = app;
  const broken = '4242424242';
  await ask(urls.person, `alter table block add constraint fault check (blocked_id <> ${broken})`);
  await ask(
    urls.person,
    `insert into intent (user_id, intent_id, kind, other_id, created_at)
     select $1::bigint, i, 'block', ${broken}, timestamptz '2026-01-01' from generate_series(1, 150) as i
     union all select $1, 200, 'block', $2::bigint, '2026-01-01'
     union all select $3::bigint, 300, 'block', $2, '2026-01-01'`,
    [alice.id, mallory.id, stranger.id],
  );
  const again = await startTestApp({ urls });
  try {
    for (const one of [alice, stranger]) {
      expect((await one.get('/api/blocks')).body).toMatchObject({ people: [{ id: mallory.id }] });
    }
  } finally {
    await again.stop();
    await ask(urls.person, 'delete from intent');
    await ask(urls.person, 'alter table block drop constraint fault');
  }
});

/** A connection of the test's own, as storage wants it. */
function asQueries(client: Client): Queries {
  return {
    query: async <Row>(text: string, values: readonly unknown[] = []) =>
      (await client.query(text, [...values])).rows as Row[],
  };
}

async function openSocketAndLeave(who: TestPerson): Promise<{ pos: number }> {
  const socket = await openSocket(app.url, who.token);
  const welcome = await socket.frame('welcome');
  await socket.close();
  return welcome;
}
