import type { ConversationId } from '../base/ids.ts';
import { findMembers } from '../storage/conversations.ts';
import type { Families } from '../storage/families.ts';
import { findLatestBySender, findOutbox, type OutboxRow } from '../storage/messages.ts';
import type { Feed } from './feed.ts';

const outboxAtOnce = 500;

/**
 * Finds conversations whose inbox rows a crash left unwritten (outbox rows older than `olderThan`) and feeds
 * them again, page by page, each row once. Repeating is harmless. Answers how many it found.
 */
export async function sweepOutbox(
  families: Families,
  feed: Feed,
  olderThan: Date,
): Promise<number> {
  let found = 0;
  let last: OutboxRow | null = null;
  for (;;) {
    const due: OutboxRow[] = await findOutbox(families.conversation, olderThan, last, outboxAtOnce);
    found += due.length;
    await feedAgain(families, feed, [...new Set(due.map((row) => row.conversationId))]);
    if (due.length < outboxAtOnce) return found;
    last = due.at(-1)!;
  }
}

async function feedAgain(families: Families, feed: Feed, ids: ConversationId[]): Promise<void> {
  if (ids.length === 0) return;
  const [members, latest] = await Promise.all([
    findMembers(families.conversation, ids),
    findLatestBySender(families.conversation, ids),
  ]);
  const events = ids.map((id) => ({
    conversationId: id,
    memberIds: (members.get(id) ?? []).map((member) => member.personId),
    messages: latest.filter((message) => message.conversationId === id),
    members: members.get(id) ?? [],
  }));
  const known = events.filter((event) => event.messages.length > 0);
  await Promise.all(known.map((event) => feed.add(event)));
}
