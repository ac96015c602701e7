import { compareIds, type ConversationId, type PersonId } from '../base/ids.ts';
import type { Standing } from '../domain/standing.ts';
import { findConversations, findMembers } from './conversations.ts';
import type { Families } from './families.ts';
import { findPair, findReach } from './people.ts';

export interface StandingNow {
  standing: Standing;
  /** The conversation of the two, if it exists. */
  conversationId: ConversationId | null;
}

/**
 * How a sender stands towards a person at this moment. No lock: good for the hint before typing and as a first
 * sieve for sending, which gathers again under the lock. `recipientId` must be a living account.
 */
export async function loadStanding(
  families: Families,
  senderId: PersonId,
  recipientId: PersonId,
): Promise<StandingNow> {
  const registered = await findPair(families.person, ...lowHigh(senderId, recipientId));
  const ids = registered === null ? [] : [registered];
  const [members, known, reach] = await Promise.all([
    findMembers(families.conversation, ids),
    findConversations(families.conversation, ids),
    findReach(families.person, [{ recipientId, senderId }]),
  ]);
  const rows = registered === null ? [] : (members.get(registered) ?? []);
  const sender = rows.find((row) => row.personId === senderId);
  const recipient = rows.find((row) => row.personId === recipientId);
  const standing: Standing = {
    isSelf: senderId === recipientId,
    recipientGone: recipient?.gone ?? false,
    recipientBlocksSender: recipient?.blocks ?? false,
    senderBlocksRecipient: sender?.blocks ?? false,
    recipientWrote: recipient?.wrote ?? false,
    recipientFollowsSender: reach[0]!.follows,
    reach: reach[0]!.reach,
  };
  const exists = registered !== null && known.has(registered);
  return { standing, conversationId: exists ? registered : null };
}

/** A pair in the order of the registry. */
export function lowHigh(one: PersonId, other: PersonId): [PersonId, PersonId] {
  return compareIds(one, other) <= 0 ? [one, other] : [other, one];
}
