import { findMembers } from '../storage/conversations.ts';
import type { Families } from '../storage/families.ts';
import { findLatestBySender, findOutbox } from '../storage/messages.ts';
import type { Feed } from './feed.ts';

const outboxAtOnce = 500;
/** Bounds one sweep; what is left waits for the next. */
const roundsMax = 200;

/**
 * Finds conversations whose inbox rows a crash left unwritten (outbox rows older than `olderThan`) and feeds
 * them again, until none is left. Repeating is harmless. Answers how many it found.
 */
export async function sweepOutbox(
  families: Families,
  feed: Feed,
  olderThan: Date,
): Promise<number> {
  let found = 0;
  for (let round = 0; round < roundsMax; round += 1) {
    const due = await findOutbox(families.conversation, olderThan, outboxAtOnce);
    found += due.length;
    await feedAgain(families, feed, [...new Set(due.map((row) => row.conversationId))]);
    if (due.length < outboxAtOnce) break;
  }
  return found;
}

async function feedAgain(
  families: Families,
  feed: Feed,
  ids: Parameters<typeof findMembers>[1],
): Promise<void> {
  if (ids.length === 0) return;
  const [members, latest] = await Promise.all([
    findMembers(families.conversation, ids),
    findLatestBySender(families.conversation, ids),
  ]);
  for (const id of ids) {
    const memberIds = (members.get(id) ?? []).map((member) => member.personId);
    const messages = latest.filter((message) => message.conversationId === id);
    if (messages.length > 0) feed.add({ conversationId: id, memberIds, messages });
  }
  await feed.drained();
}
