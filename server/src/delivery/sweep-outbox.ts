import type { PersonId } from '../base/ids.ts';
import { findConversations, findMembers } from '../storage/conversations.ts';
import type { Families } from '../storage/families.ts';
import { findMessages, findOutbox } from '../storage/messages.ts';
import type { Feed } from './feed.ts';

const outboxAtOnce = 500;

/**
 * Finds conversations whose inbox rows a crash left unwritten (outbox rows older than `olderThan`) and feeds
 * them again. Repeating is harmless. Answers how many it found.
 */
export async function sweepOutbox(
  families: Families,
  feed: Feed,
  olderThan: Date,
): Promise<number> {
  const due = await findOutbox(families.conversation, olderThan, outboxAtOnce);
  if (due.length === 0) return 0;
  const ids = [...new Set(due.map((row) => row.conversationId))];
  const [conversations, members] = await Promise.all([
    findConversations(families.conversation, ids),
    findMembers(families.conversation, ids),
  ]);
  const heads = await findMessages(
    families.conversation,
    [...conversations.values()].map((row) => ({
      conversationId: row.conversationId,
      seq: row.headSeq,
    })),
  );
  for (const head of heads) {
    const id = ids.find((known) => known === head.conversationId)!;
    const memberIds: PersonId[] = (members.get(id) ?? []).map((member) => member.personId);
    feed.add({ conversationId: id, memberIds, messages: [head] });
  }
  await feed.drained();
  return due.length;
}
