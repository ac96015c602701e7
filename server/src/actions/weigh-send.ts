import { linkHosts, type ErrorCode } from '@aside/protocol';
import type { PersonId } from '../base/ids.ts';
import { Refusal } from '../base/refusal.ts';
import {
  decideSend,
  type Attempt,
  type Permit,
  type SendDecision,
  type Weights,
} from '../domain/decide-send.ts';
import { freshStance } from '../domain/contact.ts';
import { signatureOf } from '../domain/near-duplicate.ts';
import { standingFrom, type LatestReply, type Standing } from '../domain/standing.ts';
import { countHeld, heldMax, insertHeld, spreadOf } from '../storage/brake.ts';
import { reserveFirstContact } from '../storage/budget.ts';
import type { MemberRow } from '../storage/conversations.ts';
import type { Queries } from '../storage/database.ts';
import { factsAbout, noFacts, type Facts } from '../storage/facts.ts';
import { recordActs } from '../storage/ledger.ts';
import type { findReach } from '../storage/people.ts';
import type { PendingSend } from './pending-send.ts';
import type { World } from './world.ts';

// Stop 3 of docs/life-of-a-message.md: what the decision needs to know beyond the locked rows is fetched only when it
// asks for it, and what it uses up is written before the message.

export type Verdict =
  | {
      kind: 'let';
      permit: Permit;
      allowedBy: { recipientId: PersonId; entryId: string } | null;
      /** The reply that let it through, if that was the ground. */
      credit: LatestReply | null;
    }
  | { kind: 'refused'; refusal: Refusal };

export interface Case {
  send: PendingSend;
  head: number;
  sender: MemberRow;
  /** Null in a note to oneself. */
  other: MemberRow | null;
  /** For a recipient who has not accepted the sender. */
  reach: Awaited<ReturnType<typeof findReach>>[number] | undefined;
}

/** The verdict, where the locked rows and the text alone decide; null where `weighSend` must be asked. */
export function weighAtOnce(world: World, given: Case): Verdict | null {
  const { send } = given;
  if (send.purpose !== 'personal') return null;
  const decision = decideSend(standingOf(world, given, noFacts), attemptOf(send), {}, world.rules);
  if (decision.outcome === 'refuse') {
    return { kind: 'refused', refusal: refusalTo(send, decision, world.clock.now()) };
  }
  if (decision.outcome !== 'deliver') return null;
  return { kind: 'let', permit: decision, allowedBy: null, credit: null };
}

export async function weighSend(world: World, tx: Queries, given: Case): Promise<Verdict> {
  const { send, other } = given;
  const attempt = attemptOf(send);
  const facts =
    other && send.purpose !== 'personal' ? await readFacts(world, tx, given, other) : noFacts;
  const standing = standingOf(world, given, facts);
  const decide = (weights: Weights): SendDecision =>
    decideSend(standing, attempt, weights, world.rules);
  let decision = decide(send.isReleased ? { linkSpread: 0 } : {});
  if (decision.outcome === 'weigh') {
    decision =
      decision.needs === 'budget'
        ? await weighBudget(world, given, decide)
        : decide({ linkSpread: await weighLinks(world, send) });
  }
  return settle(world, given, decision, facts);
}

function attemptOf({ origin, purpose, text }: PendingSend): Attempt {
  return { origin, purpose, text };
}

async function settle(
  world: World,
  { send, other }: Case,
  decision: SendDecision,
  facts: Facts,
): Promise<Verdict> {
  switch (decision.outcome) {
    case 'refuse':
      return { kind: 'refused', refusal: refusalTo(send, decision, world.clock.now()) };
    case 'hold':
      return { kind: 'refused', refusal: await hold(world, send) };
    case 'weigh':
      throw new Error('a decision asked for the same fact twice');
    case 'deliver': {
      const let_ = { kind: 'let', permit: decision, allowedBy: null, credit: null } as const;
      if (other === null) return let_;
      const recipientId = other.personId;
      if (decision.ground === 'grant') {
        // A crash between ledger and standing: until it is mended, nothing goes without its entry.
        if (facts.grantEntry === null) return refusedFor('consent_required');
        return { ...let_, allowedBy: { recipientId, entryId: facts.grantEntry } };
      }
      if (decision.ground !== 'credit') return let_;
      const credit = facts.latest!;
      await recordCredit(world, send, recipientId, credit);
      return { ...let_, credit, allowedBy: { recipientId, entryId: credit.messageId } };
    }
  }
}

function refusedFor(code: ErrorCode): Verdict {
  return { kind: 'refused', refusal: new Refusal(code) };
}

/** A stop word did its work even where the message that carries it is refused; its writer must know. */
function refusalTo(
  send: PendingSend,
  decision: SendDecision & { outcome: 'refuse' },
  nowMs: number,
): Refusal {
  const refusal = refusalOf(decision, nowMs);
  if (!send.isStop) return refusal;
  const detail = `Stopped: nothing but personal messages can come from them now. ${refusal.message}`;
  return new Refusal(refusal.code, detail, refusal.data);
}

/** A refusal of the decision in words; when it ends by itself, that is said too. */
export function refusalOf(decision: SendDecision & { outcome: 'refuse' }, nowMs: number): Refusal {
  const { code, untilMs } = decision;
  if (untilMs === undefined || untilMs === null) return new Refusal(code);
  const until = new Date(untilMs);
  const data = code === 'slow_down' ? { until, retryAfterMs: untilMs - nowMs } : { until };
  return new Refusal(code, undefined, data);
}

function readFacts(
  world: World,
  tx: Queries,
  { send, head }: Case,
  other: MemberRow,
): Promise<Facts> {
  const { conversationId, senderId, purpose, origin } = send;
  return factsAbout(world, tx, {
    conversationId,
    head,
    recipient: other,
    senderId,
    purpose,
    origin,
  });
}

function standingOf(world: World, { send, sender, other, reach }: Case, facts: Facts): Standing {
  return standingFrom(
    {
      isSelf: other === null,
      senderSuspended: send.senderSuspended,
      recipientGone: (other?.gone ?? false) || (reach?.gone ?? false),
      recipientFollowsSender: reach?.follows ?? false,
      reach: reach?.reach ?? 'nobody',
      ownerRefusals: facts.ownerRefusals,
      credit: facts.credit,
    },
    other ?? freshStance,
    sender,
    world.clock.now(),
  );
}

async function weighBudget(
  world: World,
  { send, other }: Case,
  decide: (weights: Weights) => SendDecision,
): Promise<SendDecision> {
  const contact = {
    senderId: send.senderId,
    contactId: send.messageId,
    recipientId: other!.personId,
    at: new Date(world.clock.now()),
    signature: signatureOf(send.text),
  };
  return reserveFirstContact(world.families.person, contact, (budget) => {
    const answer = decide({ budget });
    return { answer, isAllowed: answer.outcome === 'deliver' };
  });
}

const hostsMax = 20;

async function weighLinks(world: World, send: PendingSend): Promise<number> {
  const hosts = linkHosts(send.text);
  // Nobody shows a friend so many sites at once; looking each up would hold up everybody in the batch.
  if (hosts.length > hostsMax) return hostsMax;
  const now = new Date(world.clock.now());
  return spreadOf(world.families.person, send.senderId, hosts, send.conversationId, now);
}

async function hold(world: World, send: PendingSend): Promise<Refusal> {
  if ((await countHeld(world.families.person, send.senderId)) >= heldMax) {
    return new Refusal('rate_limited', 'Too much waits already until you sign in again.', {
      retryAfterMs: 60_000,
    });
  }
  const kept = await insertHeld(world.families.person, {
    senderId: send.senderId,
    heldId: send.messageId,
    conversationId: send.conversationId,
    clientId: send.clientId,
    bodyHash: send.bodyHash,
    text: send.text,
    at: new Date(world.clock.now()),
  });
  return new Refusal(kept.bodyHash === send.bodyHash ? 'held' : 'client_id_reused');
}

/** The reply stands in the recipient's ledger as the act that opened one message; its id is the reply's own. */
async function recordCredit(
  world: World,
  send: PendingSend,
  recipientId: PersonId,
  latest: LatestReply,
): Promise<void> {
  await recordActs(world.families.person, [
    {
      personId: recipientId,
      entryId: latest.messageId,
      at: new Date(latest.atMs),
      kind: 'reply_credit',
      otherId: send.senderId,
      purpose: null,
      via: 'message',
      wording: null,
      conversationId: send.conversationId,
    },
  ]);
}
