import { compareIds, type ConversationId, type PersonId } from '../base/ids.ts';
import type { Standing } from '../domain/standing.ts';
import { findMembers, type MemberRow } from './conversations.ts';
import type { Families } from './families.ts';
import { findPairs, findReach } from './people.ts';

export interface StandingNow {
  standing: Standing;
  /** The conversation of the two, once something was said in it: an empty one would betray that a block made it. */
  conversationId: ConversationId | null;
}

/**
 * How a sender stands towards each of these people at this moment. No lock: good for the hint before typing and
 * as a first sieve for sending, which gathers again under the lock. The recipients must be living accounts.
 * Costs three queries however many they are.
 */
export async function loadStandings(
  families: Families,
  senderId: PersonId,
  recipientIds: readonly PersonId[],
): Promise<Map<PersonId, StandingNow>> {
  if (recipientIds.length === 0) return new Map();
  const pairs = recipientIds.map((recipientId) => ({ recipientId, senderId }));
  const [registered, reach] = await Promise.all([
    findPairs(families.person, senderId, recipientIds),
    findReach(families.person, pairs),
  ]);
  // A pair that is registered but has no members yet was cut short by a crash; opening it again completes it.
  // One in which nobody wrote counts as missing, so that a blocked stranger's send takes the way of any stranger's.
  const members = await findMembers(families.conversation, [...registered.values()]);
  return new Map(
    recipientIds.map((recipientId, i) => {
      const id = registered.get(recipientId);
      const rows = (id !== undefined && members.get(id)) || [];
      const standing = standingOf(senderId, recipientId, rows, reach[i]!);
      return [
        recipientId,
        { standing, conversationId: rows.some((row) => row.wrote) ? id! : null },
      ];
    }),
  );
}

export async function loadStanding(
  families: Families,
  senderId: PersonId,
  recipientId: PersonId,
): Promise<StandingNow> {
  const standings = await loadStandings(families, senderId, [recipientId]);
  return standings.get(recipientId)!;
}

function standingOf(
  senderId: PersonId,
  recipientId: PersonId,
  rows: readonly MemberRow[],
  { gone, reach, follows }: Pick<Standing, 'reach'> & { gone: boolean; follows: boolean },
): Standing {
  const sender = rows.find((row) => row.personId === senderId);
  const recipient = rows.find((row) => row.personId === recipientId);
  return {
    isSelf: senderId === recipientId,
    recipientGone: gone || (recipient?.gone ?? false),
    recipientBlocksSender: recipient?.blocks ?? false,
    senderBlocksRecipient: sender?.blocks ?? false,
    recipientWrote: recipient?.wrote ?? false,
    recipientFollowsSender: follows,
    reach,
  };
}

/** A pair in the order of the registry. */
export function lowHigh(one: PersonId, other: PersonId): [PersonId, PersonId] {
  return compareIds(one, other) <= 0 ? [one, other] : [other, one];
}
