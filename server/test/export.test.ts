import { expect, test } from 'vitest';
import type { Conversation, Message } from '@aside/protocol';
import { aliceBobMallory, call } from './_support/people.ts';
import { appForTest } from './_support/start-app.ts';

interface Export {
  me: { username: string };
  follows: { username: string }[];
  conversations: { conversation: Conversation; messages: Message[] }[];
}

test('an export holds everything of one’s own and nothing of anybody else’s', async () => {
  const { url } = await appForTest();
  const { alice, bob, mallory } = await aliceBobMallory(url);
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
    Array.from({ length: 30 }, (_, i) => i + 1),
  );
});

test('nobody gets an export without a session', async () => {
  const { url } = await appForTest();
  const { alice } = await aliceBobMallory(url);
  expect((await alice.get('/api/export')).status).toBe(200);
  expect((await call(url, null, 'GET', '/api/export')).status).toBe(401);
});
