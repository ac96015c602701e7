import type { Origin, Purpose } from '@aside/protocol';
import type { Clock } from '../base/clock.ts';
import { compareIds, type ConversationId, type PersonId } from '../base/ids.ts';
import type { Stance } from '../domain/contact.ts';
import { hasCredit, purposeBit, type LatestReply } from '../domain/standing.ts';
import type { Queries } from './database.ts';
import type { Families } from './families.ts';
import { findGrantEntry, findOwnerRefusals } from './ledger.ts';
import { findLatestOf } from './messages.ts';

/** What only messages that are not personal rest on. */
export interface Facts {
  /** Refusals given to a brand of the same owner, as bits. */
  ownerRefusals: number;
  grantEntry: string | null;
  latest: LatestReply | null;
  credit: boolean;
}

export const noFacts: Facts = { ownerRefusals: 0, grantEntry: null, latest: null, credit: false };

export interface About {
  /** Null while the two have none. */
  conversationId: ConversationId | null;
  head: number;
  recipient: Stance & { personId: PersonId };
  senderId: PersonId;
  purpose: Purpose;
  origin: Origin;
}

/** Reads what the ledger and the recipient's latest message say; under the conversation's lock the answer stays true. */
export async function factsAbout(
  { families, clock }: { families: Families; clock: Clock },
  conversation: Queries,
  { conversationId, head, recipient, senderId, purpose, origin }: About,
): Promise<Facts> {
  const { person } = families;
  const [refusals, grantEntry, latest] = await Promise.all([
    findOwnerRefusals(person, recipient.personId, senderId),
    recipient.grants & purposeBit(purpose)
      ? findGrantEntry(person, recipient.personId, senderId, purpose)
      : null,
    conversationId && findLatestOf(conversation, conversationId, head, recipient.personId, true),
  ]);
  // A sibling's refusal does not undo what was granted to this sender afterwards.
  const holding = refusals.filter(
    (refusal) =>
      refusal.purpose !== purpose ||
      grantEntry === null ||
      compareIds(refusal.entryId, grantEntry) > 0,
  );
  const reply = latest && {
    messageId: latest.messageId,
    seq: latest.seq,
    atMs: latest.at.getTime(),
  };
  return {
    ownerRefusals: holding.reduce((bits, { purpose: refused }) => bits | purposeBit(refused), 0),
    grantEntry,
    latest: reply,
    credit: hasCredit(recipient, reply, origin, clock.now()),
  };
}
