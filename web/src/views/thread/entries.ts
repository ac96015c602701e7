import type { Message } from '@aside/protocol';
import type { OutboxItem } from '../../store/model.ts';

// What the message list shows, in order: messages, then what is still on its way, with the day and unread
// lines that stand above them and the knowledge of which ones form a group.

export interface Entry {
  /** The same before and after the server has answered, so that the bubble stays in place. */
  key: string;
  own: boolean;
  senderId: string;
  text: string;
  at: string;
  message: Message | null;
  pending: OutboxItem | null;
  /** A day line stands above it. */
  startsDay: boolean;
  /** The unread line stands above it. */
  startsUnread: boolean;
  /** First and last of a run by one sender within a few minutes. */
  first: boolean;
  last: boolean;
}

const groupMs = 5 * 60_000;

export function buildEntries(
  messages: readonly Message[],
  outbox: readonly OutboxItem[],
  meId: string,
  /** Messages of others above this seq are new; null where nothing is. */
  readSeq: number | null,
  /** Whether more lies before: then the day of the first message may have begun earlier, and has no line yet. */
  hasBefore = false,
): Entry[] {
  const entries = messages.map((message) => entryOf(message, meId));
  const known = new Set(entries.map((entry) => entry.key));
  for (const item of outbox) if (!known.has(item.clientId)) entries.push(pendingEntry(item, meId));
  let unreadMarked = readSeq === null;
  let before: Entry | undefined;
  for (const entry of entries) {
    entry.startsDay = before === undefined ? !hasBefore : !sameDay(before.at, entry.at);
    if (!unreadMarked && !entry.own && (entry.message?.seq ?? 0) > (readSeq ?? 0)) {
      entry.startsUnread = true;
      unreadMarked = true;
    }
    entry.first = before === undefined || !joins(before, entry);
    if (before !== undefined) before.last = entry.first;
    before = entry;
  }
  return entries;
}

function entryOf(message: Message, meId: string): Entry {
  return {
    ...blank,
    key: message.clientId ?? message.id,
    own: message.senderId === meId,
    senderId: message.senderId,
    text: message.text,
    at: message.createdAt,
    message,
  };
}

function pendingEntry(item: OutboxItem, meId: string): Entry {
  return {
    ...blank,
    key: item.clientId,
    own: true,
    senderId: meId,
    text: item.text,
    at: item.createdAt,
    pending: item,
  };
}

const blank = {
  message: null,
  pending: null,
  startsDay: false,
  startsUnread: false,
  first: true,
  last: true,
};

function joins(before: Entry, entry: Entry): boolean {
  return (
    before.senderId === entry.senderId &&
    !entry.startsDay &&
    !entry.startsUnread &&
    before.pending?.status !== 'failed' &&
    (before.message?.purpose ?? 'personal') === (entry.message?.purpose ?? 'personal') &&
    Date.parse(entry.at) - Date.parse(before.at) < groupMs
  );
}

function sameDay(one: string, other: string): boolean {
  const a = new Date(one);
  const b = new Date(other);
  return (
    a.getDate() === b.getDate() &&
    a.getMonth() === b.getMonth() &&
    a.getFullYear() === b.getFullYear()
  );
}
