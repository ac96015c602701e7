import {
  countChars,
  countGraphemes,
  hasLink,
  limits,
  type ErrorCode,
  type Origin,
  type Purpose,
  type QuietReason,
} from '@aside/protocol';
import { dayMs } from './contact.ts';
import { allRules, type Rules } from './rules.ts';
import { purposeBit, type Standing } from './standing.ts';

// Whether a message may be sent. One pure function for every path: HTTP, socket, keys, edits, the hint before typing.
// The rules stand in the order of docs/consent.md; the first that matches decides.

/** What somebody wants to send; `purpose` as the server judged it (`judgePurpose`). */
export interface Attempt {
  origin: Origin;
  purpose: Purpose;
  text: string;
}

/** What the sender has used up; read under the sender's lock, for first messages alone. */
export interface Budget {
  /** Earlier first messages within 30 days that are near-duplicates of this one. */
  similar: number;
  /** Earlier first messages within 30 days that nobody has answered. */
  unanswered: number;
  /** When the tenth and the fortieth latest unanswered one is 30 days old, in ms since 1970; null if there are fewer. */
  similarUntil: number | null;
  unansweredUntil: number | null;
  senderAgeMs: number;
  openReports: boolean;
}

/** Conversations that got the most spread link host of this text within the brake's window, this one included. */
export type LinkSpread = number;

/** What the caller knows besides the standing. What is missing is asked for by the outcome `weigh`. */
export interface Weights {
  budget?: Budget;
  linkSpread?: LinkSpread;
}

/** Why a message was let through; `unruled`: only because a measurement leaves a rule out. */
export type Ground = 'self' | 'accepted' | 'request' | 'grant' | 'credit' | 'unruled';

/** Leave to write one message. Only this file can make one, and nothing is written without. */
export interface Permit {
  readonly outcome: 'deliver';
  readonly arrives: 'inbox' | 'requests';
  readonly purpose: Purpose;
  readonly ground: Ground;
  /** Reasons for which a request makes no badge. */
  readonly quiet: readonly QuietReason[];
  readonly [made]: true;
}

declare const made: unique symbol;

export type SendDecision =
  | Permit
  | { outcome: 'weigh'; needs: 'budget' | 'linkSpread' }
  | { outcome: 'hold' }
  | { outcome: 'refuse'; code: ErrorCode; untilMs?: number | null };

export const budgetRule = {
  windowMs: 30 * dayMs,
  /** Near-duplicates from which on a request is quiet, and with so many unanswered ones refused. */
  similar: 2,
  similarUnanswered: 10,
  unanswered: 40,
  youngMs: 7 * dayMs,
} as const;

export const brakeRule = { windowMs: 600_000, conversations: 5 } as const;

/**
 * Decides by the first rule that matches. A blocked sender gets exactly what a stranger gets whom nobody admits, so
 * the answer does not tell a block from a closed door. The caller must hold the conversation's lock when it acts on
 * the outcome; as a hint before typing none is needed. `weigh` asks for a fact that only some messages need.
 * `givenRules` is for measurements alone.
 */
export function decideSend(
  given: Standing,
  attempt: Attempt,
  weights: Weights,
  givenRules: Rules = allRules,
): SendDecision {
  if (given.senderSuspended) return refuse('suspended');
  if (given.isSelf) return permit('inbox', attempt, 'self');
  if (given.recipientGone) return refuse('recipient_gone');
  if (given.senderBlocksRecipient) return refuse('you_blocked');
  const standing = given.recipientBlocksSender ? asSeenBehindBlock(given) : given;
  const rules = given.recipientBlocksSender ? allRules : givenRules;
  if (attempt.purpose !== 'personal') return decideOther(standing, attempt, rules);
  if (standing.contact === 'accepted') return brake(attempt, weights, rules);
  return decideFirst(standing, attempt, weights, rules);
}

/** A blocked sender is answered as if nobody were admitted and nothing had been granted or opened. */
function asSeenBehindBlock(standing: Standing): Standing {
  const contact = standing.contact === 'accepted' ? 'none' : standing.contact;
  return { ...standing, contact, reach: 'nobody', grants: 0, credit: false };
}

/** Service, automated and promotional messages: only by the recipient's own act. */
function decideOther(standing: Standing, attempt: Attempt, rules: Rules): SendDecision {
  const bit = purposeBit(attempt.purpose);
  if (rules.opt_out && standing.refusals & bit) return refuse('opted_out');
  if (standing.grants & bit) return permit('inbox', attempt, 'grant');
  if (!rules.grants) return permit('inbox', attempt, 'unruled');
  if (attempt.purpose === 'promotional') return refuse('consent_required');
  // From a person's own session a reply opens service messages; anything else there needs a grant.
  const opens = attempt.origin === 'automated' || attempt.purpose === 'service';
  if (standing.credit && opens) return permit('inbox', attempt, 'credit');
  const isAnswer = standing.recipientWrote && opens;
  if (!rules.reply_credit && isAnswer) return permit('inbox', attempt, 'unruled');
  return refuse(standing.recipientWrote ? 'await_reply' : 'consent_required');
}

function decideFirst(
  standing: Standing,
  attempt: Attempt,
  { budget }: Weights,
  rules: Rules,
): SendDecision {
  if (rules.one_message && standing.resting) return refuse('request_pending');
  if (rules.reach && !isWithinReach(standing)) return refuse('not_accepting');
  return decideFirstText(attempt.text, standing.recipientFollowsSender, budget, rules);
}

/** What an edit of the unanswered first message rests on. */
export interface EditStanding {
  senderSuspended: boolean;
  recipientGone: boolean;
  /** It is the sender's own unanswered first message, its 90 days run, and it was not changed before. */
  isOpen: boolean;
  isFollowed?: boolean;
  /** As the server judges the new text: an edit can make nothing of a request but a request. */
  purpose: Purpose;
}

/**
 * Whether the unanswered first message may be changed. Neither a block nor a decline is asked for, and the reach was
 * passed when it was sent: the answer must not tell them apart.
 */
export function decideEdit(
  standing: EditStanding,
  text: string,
  budget: Budget | null,
): SendDecision {
  if (standing.senderSuspended) return refuse('suspended');
  if (standing.recipientGone) return refuse('recipient_gone');
  if (!standing.isOpen) return refuse('edit_closed');
  if (standing.purpose !== 'personal') return refuse('consent_required');
  return decideFirstText(text, standing.isFollowed ?? false, budget ?? undefined, allRules);
}

/** The part of the decision that a first message's text and its sender's budget make. */
function decideFirstText(
  text: string,
  isFollowed: boolean,
  budget: Budget | undefined,
  rules: Rules,
): SendDecision {
  if (!fitsFirstMessage(text)) return refuse('first_contact_too_long');
  if (!budget) return { outcome: 'weigh', needs: 'budget' };
  const { similar, unanswered } = budget;
  const isBulk = similar >= budgetRule.similar && unanswered >= budgetRule.similarUnanswered;
  if (rules.budget_similar && isBulk) return refuse('bulk_needs_opt_in', budget.similarUntil);
  const isTooMuch = unanswered >= budgetRule.unanswered;
  if (rules.budget_unanswered && isTooMuch) return refuse('slow_down', budget.unansweredUntil);
  const quiet = rules.quiet ? quietReasons(text, isFollowed, budget) : [];
  return permit('requests', { purpose: 'personal' }, 'request', quiet);
}

function quietReasons(text: string, isFollowed: boolean, budget: Budget): QuietReason[] {
  const reasons: QuietReason[] = [];
  if (budget.similar >= budgetRule.similar) reasons.push('similar');
  if (hasLink(text)) reasons.push('link');
  if (budget.senderAgeMs < budgetRule.youngMs && !isFollowed) reasons.push('new_account');
  if (budget.openReports) reasons.push('reports');
  return reasons;
}

function fitsFirstMessage(text: string): boolean {
  if (countChars(text) > limits.firstMessageMaxChars) return false;
  const { firstMessageMaxGraphemes: max } = limits;
  return text.length <= max || countGraphemes(text, max + 1) <= max;
}

/** A host that the sender never sent before, to many people at once, is what a stolen account does. */
function brake(attempt: Attempt, { linkSpread }: Weights, rules: Rules): SendDecision {
  if (rules.brake && hasLink(attempt.text)) {
    if (linkSpread === undefined) return { outcome: 'weigh', needs: 'linkSpread' };
    if (linkSpread > brakeRule.conversations) return { outcome: 'hold' };
  }
  return permit('inbox', attempt, 'accepted');
}

function isWithinReach({ reach, recipientFollowsSender }: Standing): boolean {
  switch (reach) {
    case 'everyone':
      return true;
    case 'following':
      return recipientFollowsSender;
    case 'nobody':
      return false;
  }
}

function refuse(code: ErrorCode, untilMs: number | null = null): SendDecision {
  return untilMs === null ? { outcome: 'refuse', code } : { outcome: 'refuse', code, untilMs };
}

function permit(
  arrives: Permit['arrives'],
  { purpose }: Pick<Attempt, 'purpose'>,
  ground: Ground,
  quiet: readonly QuietReason[] = [],
): Permit {
  return { outcome: 'deliver', arrives, purpose, ground, quiet } as Permit;
}
