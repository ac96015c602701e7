import { expect, test } from 'vitest';
import type { Message } from '@aside/protocol';
import type { OutboxItem } from '../../store/model.ts';
import { buildEntries } from './entries.ts';

const noon = new Date(2026, 10, 22, 12).getTime();
const message = (seq: number, senderId: string, minute: number, clientId?: string): Message => ({
  id: String(1000 + seq),
  conversationId: '9',
  seq,
  senderId,
  text: `message ${seq}`,
  createdAt: new Date(noon + minute * 60_000).toISOString(),
  origin: 'interactive',
  purpose: 'personal',
  ...(clientId === undefined ? {} : { clientId }),
});
const waiting = (clientId: string): OutboxItem => ({
  clientId,
  conversationId: '9',
  to: null,
  text: 'waiting',
  createdAt: new Date(noon + 60_000).toISOString(),
  status: 'sending',
});

test('messages of one sender within five minutes form a group', () => {
  const entries = buildEntries(
    [message(1, 'a', 0), message(2, 'a', 2), message(3, 'b', 3), message(4, 'b', 20)],
    [],
    'b',
    null,
  );
  expect(entries.map((entry) => [entry.first, entry.last])).toEqual([
    [true, false],
    [false, true],
    [true, true],
    [true, true],
  ]);
});

test('a day line stands above the first message of each day', () => {
  const entries = buildEntries(
    [message(1, 'a', -24 * 60), message(2, 'a', 0), message(3, 'a', 1)],
    [],
    'b',
    null,
  );
  expect(entries.map((entry) => entry.startsDay)).toEqual([true, true, false]);
});

test('the unread line stands above the first unread message of somebody else', () => {
  const entries = buildEntries(
    [message(1, 'a', 0), message(2, 'me', 1), message(3, 'a', 2), message(4, 'a', 3)],
    [],
    'me',
    1,
  );
  expect(entries.map((entry) => entry.startsUnread)).toEqual([false, false, true, false]);
});

test('a sent message keeps its key when the answer comes, and is shown once', () => {
  const before = buildEntries([], [waiting('c-1')], 'me', null);
  const after = buildEntries([message(1, 'me', 1, 'c-1')], [waiting('c-1')], 'me', null);
  expect(after.map((entry) => entry.key)).toEqual(before.map((entry) => entry.key));
});
