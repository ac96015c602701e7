import { expect, test } from 'vitest';
import type { Consent, Conversation, LedgerEntry, Message } from '@aside/protocol';
import { aliceBobMallory, befriend, bringPeople, call } from './_support/people.ts';
import { ask } from './_support/sql.ts';
import { manyConversations } from './_support/many.ts';
import { appForTest } from './_support/start-app.ts';

interface Export {
  me: { username: string };
  follows: { username: string }[];
  blocks: { username: string }[];
  mutes: { username: string }[];
  consents: Consent[];
  ledger: LedgerEntry[];
  conversations: { conversation: Conversation; messages: Message[] }[];
}

test('an export holds everything of one’s own and nothing of anybody else’s', async () => {
  const { url } = await appForTest();
  const { alice, bob, mallory } = await aliceBobMallory(url);
  await befriend(alice, bob);
  const sent = await Promise.all(
    Array.from({ length: 30 }, (_, i) => alice.write('bob', `line ${i}`)),
  );
  expect(sent.every((answer) => answer.status === 201)).toBe(true);
  await mallory.write('mallory', 'a note of my own');
  const { body, headers } = await bob.get<Export>('/api/export');
  expect(headers.get('content-disposition')).toContain('attachment');
  expect(body.me.username).toBe('bob');
  expect(body.follows.map((person) => person.username)).toEqual(['alice']);
  expect(body.conversations).toHaveLength(1);
  expect(body.conversations[0]!.messages.map((message) => message.seq)).toEqual(
    Array.from({ length: 32 }, (_, i) => i + 1),
  );
});

test('an export holds what one allowed and refused, and the whole ledger of it, and nobody else’s', async () => {
  const { url } = await appForTest();
  const { alice, bob, mallory } = await aliceBobMallory(url);
  await befriend(alice, bob);
  await bob.call('PUT', '/api/consent/alice/service', { language: 'en' });
  await bob.call('DELETE', '/api/consent/mallory/promotional');
  await mallory.call('PUT', '/api/consent/bob/automated', {});
  const { body } = await bob.get<Export>('/api/export');
  expect(body.ledger).toEqual(
    (await bob.get<{ entries: LedgerEntry[] }>('/api/consent/ledger')).body.entries,
  );
  expect(body.ledger.map(({ kind, person }) => [kind, person.username])).toEqual([
    ['revoke', 'mallory'],
    ['grant', 'alice'],
    ['replied', 'alice'],
  ]);
  expect(body.ledger[1]!.wording).toContain('@alice');
  const lines = body.consents.map(({ person, purpose, state }) =>
    [person.username, purpose, state].join(' '),
  );
  expect(new Set(lines)).toEqual(
    new Set(['alice personal granted', 'alice service granted', 'mallory promotional revoked']),
  );
  expect(lines).toHaveLength(3);
});

test('an export holds requests that wait, and none that was declined', async () => {
  const { url } = await appForTest();
  const names = ['alice', 'bob', 'carla'] as const;
  const { alice, bob, carla } = await bringPeople(url, names, { bob: ['alice', 'carla'] });
  const waiting = (await alice.write('bob', 'Hello')).body.message;
  const declined = (await carla.write('bob', 'Hello')).body.message;
  await bob.call('POST', `/api/conversations/${declined.conversationId}/decline`);
  const { body } = await bob.get<Export>('/api/export');
  expect(body.conversations.map(({ conversation }) => conversation)).toMatchObject([
    { id: waiting.conversationId, folder: 'requests', state: 'pending' },
  ]);
  expect(JSON.stringify(body)).not.toContain(declined.id);
});

test('nobody gets an export without a session', async () => {
  const { url } = await appForTest();
  const { alice } = await aliceBobMallory(url);
  expect((await alice.get('/api/export')).status).toBe(200);
  expect((await call(url, null, 'GET', '/api/export')).status).toBe(401);
});

test('an export holds every block and mute, however many', async () => {
  const { url, urls } = await appForTest();
  const { alice, bob } = await aliceBobMallory(url);
  const names = Array.from({ length: 1_000 }, (_, i) => `person_${i}`);
  const people = Object.values(await bringPeople(url, names));
  for (const table of ['block', 'mute']) {
    await ask(
      urls.person,
      `insert into ${table} select $1, unnest($2::bigint[]), timestamptz '2026-03-01'`,
      [alice.id, [...people.map(({ id }) => id), bob.id]],
    );
  }
  const { body } = await alice.get<Export>('/api/export');
  for (const list of [body.blocks, body.mutes]) {
    expect(list).toHaveLength(1_001);
    expect(new Set(list.map(({ username }) => username)).size).toBe(1_001);
  }
});

test('an export ends, and holds each conversation once, while people go on writing', async () => {
  const { url, urls } = await appForTest({
    env: { SEND_RATE: '100000', SEND_BURST: '100000' },
  });
  const { alice, bob } = await aliceBobMallory(url);
  await manyConversations(urls, alice.id, bob.id, 450);
  let isOver = false;
  const writing = (async () => {
    while (!isOver) {
      // Every conversation moves to the end of the person’s log, again and again.
      await ask(
        urls.person,
        `with bump as (update feed_position set pos = pos + 450 where user_id = $1 returning pos)
         update inbox set pos = bump.pos - 450 + inbox.conversation_id - 5000000 from bump where user_id = $1`,
        [alice.id],
      ).catch(() => {});
    }
  })();
  const { body } = await alice.get<Export>('/api/export');
  isOver = true;
  await writing;
  const ids = body.conversations.map(({ conversation }) => conversation.id);
  expect(ids).toHaveLength(450);
  expect(new Set(ids).size).toBe(450);
  for (const { messages } of body.conversations) expect(messages).toHaveLength(1);
});
