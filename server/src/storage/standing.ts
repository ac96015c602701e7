import type { Origin, Purpose } from '@aside/protocol';
import type { Clock } from '../base/clock.ts';
import { compareIds, type ConversationId, type PersonId } from '../base/ids.ts';
import { freshStance } from '../domain/contact.ts';
import { standingFrom, type Standing } from '../domain/standing.ts';
import { findConversations, findMembers, type MemberRow } from './conversations.ts';
import type { Families } from './families.ts';
import { factsAbout, noFacts, type Facts } from './facts.ts';
import { findPairs, findReach } from './people.ts';

export interface StandingNow {
  standing: Standing;
  /** The conversation of the two, once something was said in it: an empty one would betray that a block made it. */
  conversationId: ConversationId | null;
  /** How the sender stands towards the recipient: what the sender lets them do. */
  own: MemberRow | null;
}

interface Clocked {
  families: Families;
  clock: Clock;
}

/**
 * How a sender stands towards each of these people at this moment, for a personal message. No lock: good for the hint
 * before typing and as a first sieve for sending, which gathers again under the lock. The recipients must be living
 * accounts. Costs three queries however many they are.
 */
export async function loadStandings(
  { families, clock }: Clocked,
  senderId: PersonId,
  recipientIds: readonly PersonId[],
): Promise<Map<PersonId, StandingNow>> {
  const found = await gather(families, senderId, recipientIds);
  const now = clock.now();
  return new Map(
    [...found].map(([recipientId, one]) => [
      recipientId,
      toNow(senderId, recipientId, one, noFacts, now),
    ]),
  );
}

/** The same for one recipient and any purpose. */
export async function loadStanding(
  clocked: Clocked,
  about: { senderId: PersonId; recipientId: PersonId; origin: Origin; purpose: Purpose },
): Promise<StandingNow> {
  const { families, clock } = clocked;
  const { senderId, recipientId } = about;
  const one = (await gather(families, senderId, [recipientId])).get(recipientId)!;
  const recipient = one.rows.find((row) => row.personId === recipientId);
  let facts: Facts = noFacts;
  if (about.purpose !== 'personal' && senderId !== recipientId) {
    const heads = await findConversations(families.conversation, one.id === null ? [] : [one.id]);
    facts = await factsAbout(clocked, families.conversation, {
      ...about,
      conversationId: one.id,
      head: (one.id && heads.get(one.id)?.headSeq) || 0,
      recipient: recipient ?? { ...freshStance, personId: recipientId },
    });
  }
  return toNow(senderId, recipientId, one, facts, clock.now());
}

interface Found {
  id: ConversationId | null;
  rows: readonly MemberRow[];
  reach: Awaited<ReturnType<typeof findReach>>[number];
}

async function gather(
  families: Families,
  senderId: PersonId,
  recipientIds: readonly PersonId[],
): Promise<Map<PersonId, Found>> {
  if (recipientIds.length === 0) return new Map();
  const pairs = recipientIds.map((recipientId) => ({ recipientId, senderId }));
  const [registered, reach] = await Promise.all([
    findPairs(families.person, senderId, recipientIds),
    findReach(families.person, pairs),
  ]);
  // A pair that is registered but has no members yet was cut short by a crash; opening it again completes it.
  const members = await findMembers(families.conversation, [...registered.values()]);
  return new Map(
    recipientIds.map((recipientId, i) => {
      const id = registered.get(recipientId) ?? null;
      const rows = (id !== null && members.get(id)) || [];
      return [recipientId, { id, rows, reach: reach[i]! }];
    }),
  );
}

function toNow(
  senderId: PersonId,
  recipientId: PersonId,
  { id, rows, reach }: Found,
  facts: Facts,
  nowMs: number,
): StandingNow {
  const sender = rows.find((row) => row.personId === senderId) ?? null;
  const recipient = rows.find((row) => row.personId === recipientId);
  const standing = standingFrom(
    {
      isSelf: senderId === recipientId,
      senderSuspended: false,
      recipientGone: reach.gone || (recipient?.gone ?? false),
      recipientFollowsSender: reach.follows,
      reach: reach.reach,
      ownerRefusals: facts.ownerRefusals,
      credit: facts.credit,
    },
    recipient ?? freshStance,
    sender ?? freshStance,
    nowMs,
  );
  // One in which nobody wrote counts as missing, so that a blocked stranger's send takes the way of any stranger's.
  return { standing, own: sender, conversationId: rows.some((row) => row.wrote) ? id : null };
}

/** A pair in the order of the registry. */
export function lowHigh(one: PersonId, other: PersonId): [PersonId, PersonId] {
  return compareIds(one, other) <= 0 ? [one, other] : [other, one];
}
