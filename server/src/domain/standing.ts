import type { Origin, Purpose, Reach } from '@aside/protocol';
import { contactAt, dayMs, isResting, type ContactState, type Stance } from './contact.ts';

/**
 * What one person's right to write to another rests on, at one moment. Facts only, each set by the recipient's
 * own act (or the sender's own block); a follow by the *sender* is not among them, because it allows nothing.
 */
export interface Standing {
  /** Sender and recipient are the same person: a note to oneself. */
  isSelf: boolean;
  senderSuspended: boolean;
  /** The recipient's account was deleted, or is being deleted. */
  recipientGone: boolean;
  recipientBlocksSender: boolean;
  senderBlocksRecipient: boolean;
  /** How the recipient takes the sender's personal messages. */
  contact: ContactState;
  /** The sender's first message is unanswered and its 90 days run. */
  resting: boolean;
  /** The recipient has written in this conversation, ever. */
  recipientWrote: boolean;
  recipientFollowsSender: boolean;
  /** The recipient's own setting. */
  reach: Reach;
  /** Purposes granted and refused by the recipient, as bits. */
  grants: number;
  refusals: number;
  /** Whether the recipient's latest message opens one more of this kind. */
  credit: boolean;
}

/** The recipient's latest message from a session of their own. */
export interface LatestReply {
  messageId: string;
  seq: number;
  atMs: number;
}

export const creditRule = {
  automated: { messages: 1, lastsMs: dayMs },
  service: { messages: 5, lastsMs: 7 * dayMs },
} as const;

const bits: Record<Purpose, number> = { personal: 0, service: 1, automated: 2, promotional: 4 };
export const allPurposeBits = 7;

export function purposeBit(purpose: Purpose): number {
  return bits[purpose];
}

/** The purposes that a set of bits names. */
export function purposesIn(set: number): Exclude<Purpose, 'personal'>[] {
  return (['service', 'automated', 'promotional'] as const).filter(
    (purpose) => set & bits[purpose],
  );
}

/**
 * Whether the recipient's latest message opens one more message that was not granted: one of automated origin, or
 * five service messages from a person's own session. It is one or the other, and two replies open no more than one.
 */
export function hasCredit(
  stance: Pick<Stance, 'creditSeq' | 'creditUsed' | 'creditVoid'>,
  latest: LatestReply | null,
  origin: Origin,
  nowMs: number,
): boolean {
  if (latest === null || latest.seq <= stance.creditVoid) return false;
  const used = stance.creditSeq === latest.seq ? stance.creditUsed : 0;
  const rule = origin === 'automated' ? creditRule.automated : creditRule.service;
  if (nowMs - latest.atMs >= rule.lastsMs) return false;
  return origin === 'automated' ? used === 0 : used < creditRule.service.messages;
}

/** The stance after one message was let through by the reply. */
export function useCredit(stance: Stance, latest: LatestReply, origin: Origin): Stance {
  const used = stance.creditSeq === latest.seq ? stance.creditUsed : 0;
  const spent = origin === 'automated' ? creditRule.service.messages : used + 1;
  return { ...stance, creditSeq: latest.seq, creditUsed: spent };
}

/** The facts that stand in the recipient's and the sender's own rows. */
export function standingFrom(
  facts: {
    isSelf: boolean;
    senderSuspended: boolean;
    recipientGone: boolean;
    recipientFollowsSender: boolean;
    reach: Reach;
    /** Refusals given to a brand of the same owner. */
    ownerRefusals: number;
    credit: boolean;
  },
  recipient: Stance,
  sender: Pick<Stance, 'blocks'>,
  nowMs: number,
): Standing {
  return {
    isSelf: facts.isSelf,
    senderSuspended: facts.senderSuspended,
    recipientGone: facts.recipientGone,
    recipientBlocksSender: recipient.blocks,
    senderBlocksRecipient: sender.blocks,
    contact: contactAt(recipient, nowMs),
    resting: isResting(recipient, nowMs),
    recipientWrote: recipient.wrote,
    recipientFollowsSender: facts.recipientFollowsSender,
    reach: facts.reach,
    grants: recipient.grants,
    refusals: recipient.refusals | facts.ownerRefusals,
    credit: facts.credit,
  };
}
