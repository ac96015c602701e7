import type { ErrorCode, GrantPurpose, Purpose, QuietReason } from '@aside/protocol';
import type { Law } from './consent-law.ts';
import { hasLink, isShort, isStopWord, lengthOf, similar, type Text } from './consent-texts.ts';
import {
  closedPlace,
  isWaiting,
  isYoung,
  placeOf,
  siblingsOf,
  stanceOf,
  stateOf,
  talkOf,
  type FirstContact,
  type Stance,
  type World,
} from './consent-world.ts';

// A second opinion on who may write to whom: a small state machine, written from the tables of the law and never from
// the server, so that a mistake in one of the two is found by the other. It keeps everything in memory and does no I/O.

export interface Sending {
  from: string;
  to: string;
  text: Text;
  origin: 'interactive' | 'automated';
  claim?: Purpose;
}

interface Allowed {
  refused?: never;
  arrives: 'inbox' | 'requests';
  purpose: Purpose;
  quiet: QuietReason[];
}
type Decision = Allowed | { refused: ErrorCode };

/** `inbox` and `requests`: sent, and arrived there. `done`: it was done. Else the code of the refusal. */
export type Outcome = 'inbox' | 'requests' | 'done' | ErrorCode;

export const grantPurposes: readonly GrantPurpose[] = ['service', 'automated', 'promotional'];

export function purposeOf(world: World, { origin, claim }: Sending): Purpose {
  const robotPurpose = world.law.robotsAreNeverPersonal ? 'automated' : 'personal';
  if (origin === 'automated') return !claim || claim === 'personal' ? robotPurpose : claim;
  return claim ?? 'personal';
}

/** The decision, in the order of the law; the first match wins. */
export function decide(world: World, sending: Sending): Decision {
  const { from: s, to: r } = sending;
  const purpose = purposeOf(world, sending);
  if (world.people.get(r)!.isGone) return { refused: 'recipient_gone' };
  if (stanceOf(world, s, r).blocks) return { refused: 'you_blocked' };
  return purpose === 'personal' ? decidePersonal(world, sending) : decideOther(world, sending);
}

function decideOther(world: World, sending: Sending): Decision {
  const { from: s, to: r } = sending;
  const { grants, blocks, hasWritten } = stanceOf(world, r, s);
  const purpose = purposeOf(world, sending) as GrantPurpose;
  if (grants[purpose] === 'revoked') return { refused: 'opted_out' };
  const isGranted = grants[purpose] === 'granted' && !blocks;
  const byCredit = !blocks && hasCredit(world, sending);
  const creditCounts = purpose !== 'promotional' || world.law.creditCarriesOffers;
  if (isGranted || (byCredit && creditCounts)) return { arrives: 'inbox', purpose, quiet: [] };
  if (purpose === 'promotional') return { refused: 'consent_required' };
  return { refused: hasWritten ? 'await_reply' : 'consent_required' };
}

function hasCredit(world: World, { from: s, to: r, origin, claim }: Sending): boolean {
  const { credit } = stanceOf(world, r, s);
  if (!credit) return false;
  const { law, now } = world;
  if (origin === 'automated') {
    const other = law.oneKindUsesUpTheOther ? credit.service : 0;
    return now - credit.at < law.robotCreditMs && credit.robot < 1 && other === 0;
  }
  const other = law.oneKindUsesUpTheOther ? credit.robot : 0;
  const isLeft = credit.service < law.serviceCredits && other <= 0;
  return claim === 'service' && now - credit.at < law.serviceCreditMs && isLeft;
}

function decidePersonal(world: World, { from: s, to: r, text }: Sending): Decision {
  const { law } = world;
  const state = stateOf(world, r, s);
  if (state === 'accepted') return { arrives: 'inbox', purpose: 'personal', quiet: [] };
  if (isWaiting(world, r, s)) {
    if (state === 'closed' && law.declineShows) return { refused: 'not_accepting' };
    if (state === 'blocked' && law.blockShows) return { refused: 'not_accepting' };
    return { refused: 'request_pending' };
  }
  if (state === 'blocked' || !isAdmitted(world, r, s)) return { refused: 'not_accepting' };
  return decideFirst(world, r, s, text, null);
}

function isAdmitted(world: World, r: string, s: string): boolean {
  const { reach } = world.people.get(r)!;
  if (reach !== 'following') return reach === 'everyone';
  const isFollowed = stanceOf(world, r, s).follows;
  return isFollowed || (world.law.followersAreAdmitted && stanceOf(world, s, r).follows);
}

/** Length and budget of a first message; `itself` is the one that is being edited. */
function decideFirst(
  world: World,
  r: string,
  s: string,
  text: Text,
  itself: FirstContact | null,
): Decision {
  const { law, now } = world;
  if (lengthOf(text) > law.firstMessageMax) return { refused: 'first_contact_too_long' };
  const earlier = (world.firstContacts.get(s) ?? []).filter(
    (contact) => contact !== itself && now - contact.at < law.budgetMs,
  );
  const n = earlier.filter((contact) => isSimilar(law, contact.text, text)).length;
  const u = earlier.filter((contact) => !contact.isAnswered).length;
  if (n >= law.similarFrom && u >= law.bulkFrom) return { refused: 'bulk_needs_opt_in' };
  if (u >= law.slowFrom) return { refused: 'slow_down' };
  const quiet: QuietReason[] = [];
  if (n >= law.similarFrom) quiet.push('similar');
  if (hasLink(text)) quiet.push('link');
  if (isYoung(world, s) && !stanceOf(world, r, s).follows) quiet.push('new_account');
  if (world.reports.some((report) => report.about === s && now - report.at < law.reportMs))
    quiet.push('reports');
  return { arrives: 'requests', purpose: 'personal', quiet };
}

function isSimilar(law: Law, one: Text, other: Text): boolean {
  if (law.shortTextsAreExempt && (isShort(one) || isShort(other))) return false;
  return similar(one, other);
}

/** Sends, if it may be sent. A stop word holds whether it is sent or not, and is sent only if any word would be. */
export function send(world: World, sending: Sending): Outcome {
  const { from: s, to: r, text, origin } = sending;
  if (meansStop(world, sending)) revoke(world, s, r, grantPurposes);
  const decision = decide(world, sending);
  if (decision.refused !== undefined) return decision.refused;
  const { arrives, purpose, quiet } = decision;
  const talk = talkOf(world, s, r);
  const seq = talk.push({ seq: talk.length + 1, from: s, purpose, text, shown: text });
  arrive(world, sending, decision);
  if (arrives === 'requests') beginRequest(world, r, s, { seq, text, quiet });
  markWritten(world, s, r, origin);
  return arrives;
}

/** A whole reply of “stop”, by a person, to what is not personal. */
function meansStop(world: World, sending: Sending): boolean {
  const { from: s, to: r, text, origin } = sending;
  if (origin !== 'interactive' || !isStopWord(text)) return false;
  const latest = talkOf(world, s, r).findLast((message) => message.from === r);
  return latest !== undefined && (latest.purpose !== 'personal' || world.law.stopIsForAll);
}

/** Puts the row of R in its place and takes what the message cost. */
function arrive(world: World, sending: Sending, { arrives, purpose }: Allowed): void {
  const stance = stanceOf(world, sending.to, sending.from);
  stance.place = arrives;
  if (purpose === 'personal' || !stance.credit) return;
  const isFree = stance.grants[purpose] === 'granted' && !world.law.grantsCostCredit;
  if (isFree) return;
  if (sending.origin === 'automated') stance.credit.robot += 1;
  else stance.credit.service += 1;
}

function beginRequest(
  world: World,
  r: string,
  s: string,
  made: Pick<FirstContact, 'seq' | 'text' | 'quiet'>,
): void {
  const first = { ...made, at: world.now, isEdited: false, isAnswered: false };
  world.firstContacts.set(s, [...(world.firstContacts.get(s) ?? []), first]);
  Object.assign(stanceOf(world, r, s), { personal: 'pending', first });
}

/** What writing means for the writer: it opens the door for answers. */
function markWritten(world: World, s: string, r: string, origin: Sending['origin']): void {
  const stance = stanceOf(world, s, r);
  const { law, now } = world;
  stance.hasWritten = true;
  const state = stateOf(world, s, r);
  if (origin === 'interactive') {
    const left = law.creditsAddUp && stance.credit ? stance.credit.robot - 1 : 0;
    stance.credit = { at: now, robot: left, service: 0 };
    if (!law.revokedIsSticky) reopen(stance);
  }
  if (state === 'none' || state === 'closed') return welcome(world, s, r);
  if (state === 'pending' && (origin === 'interactive' || law.robotsAccept)) welcome(world, s, r);
}

function reopen(stance: Stance): void {
  for (const purpose of grantPurposes) {
    if (stance.grants[purpose] === 'revoked') stance.grants[purpose] = 'off';
  }
}

/** R accepts S, by a button or by writing. */
function welcome(world: World, r: string, s: string): void {
  const stance = stanceOf(world, r, s);
  const { law } = world;
  const counts = !isYoung(world, r) || law.youngAcceptanceGivesBack;
  if (stance.first && counts && law.acceptanceGivesBack) stance.first.isAnswered = true;
  Object.assign(stance, { personal: 'accepted', first: null, place: 'inbox' });
}

/** S changes its first message, or, when there is none that waits, the latest it wrote. */
export function edit(world: World, s: string, r: string, text: Text): Outcome {
  const { first } = stanceOf(world, r, s);
  if (!first || !isWaiting(world, r, s)) return 'edit_closed';
  if (first.isEdited && world.law.editOnce) return 'edit_closed';
  const state = stateOf(world, r, s);
  if (state !== 'pending' && world.law.declineShows) return 'edit_closed';
  const decision = decideFirst(world, r, s, text, first);
  if (decision.refused !== undefined && world.law.editIsChecked) return decision.refused;
  const message = talkOf(world, s, r)[first.seq - 1]!;
  Object.assign(first, { text, isEdited: true });
  message.text = text;
  if (state === 'pending' || world.law.editsReachClosed) message.shown = text;
  if (state === 'pending' && decision.refused === undefined) first.quiet = decision.quiet;
  return 'done';
}

/** What R can decide: a request that waits, and what R has moved back among them. */
export function isUndecided(world: World, r: string, s: string): boolean {
  const state = stateOf(world, r, s);
  const wasMovedBack = state === 'none' && placeOf(world, r, s) === 'requests';
  return state === 'pending' || wasMovedBack;
}

export function accept(world: World, r: string, s: string): Outcome {
  if (!isUndecided(world, r, s)) return 'not_found';
  welcome(world, r, s);
  return 'done';
}

export function decline(world: World, r: string, s: string): Outcome {
  if (!isUndecided(world, r, s)) return 'not_found';
  const stance = stanceOf(world, r, s);
  // What was moved back has no request of S behind it that could be closed: S may write again as anybody may.
  if (stance.personal === 'pending') stance.personal = 'closed';
  if (stance.place === 'requests') stance.place = closedPlace(stance);
  return 'done';
}

export function unaccept(world: World, r: string, s: string): Outcome {
  if (stateOf(world, r, s) !== 'accepted') return 'not_found';
  Object.assign(stanceOf(world, r, s), { personal: 'none', first: null, place: 'requests' });
  return 'done';
}

export function block(world: World, r: string, s: string): Outcome {
  const stance = stanceOf(world, r, s);
  if (stance.blocks) return 'done';
  const { law } = world;
  const place = placeOf(world, r, s);
  stance.blocks = true;
  stance.place = place === 'requests' ? closedPlace(stance) : place;
  if (!law.unblockRestores) stance.personal = stance.first ? 'closed' : 'none';
  if (law.blockEndsFollow) stance.follows = false;
  if (law.blockVoidsCredit) stance.credit = null;
  if (law.blockVoidsGrants) {
    for (const purpose of grantPurposes) {
      if (stance.grants[purpose] === 'granted') stance.grants[purpose] = 'off';
    }
  }
  return 'done';
}

export function unblock(world: World, r: string, s: string): Outcome {
  stanceOf(world, r, s).blocks = false;
  return 'done';
}

export function grant(
  world: World,
  r: string,
  s: string,
  purposes: readonly GrantPurpose[],
): Outcome {
  if (stanceOf(world, r, s).blocks) return 'you_blocked';
  const granted = world.law.siblingsShareGrants ? siblingsOf(world, s) : [s];
  for (const brand of granted) {
    for (const purpose of purposes) setGrant(stanceOf(world, r, brand), purpose, 'granted', true);
  }
  return 'done';
}

/** Taking back what was never given counts too; brands of the same owner hear it all. */
export function revoke(
  world: World,
  r: string,
  s: string,
  purposes: readonly GrantPurpose[],
): Outcome {
  const refused = world.law.siblingsShareRefusals ? siblingsOf(world, s) : [s];
  for (const brand of refused) {
    for (const purpose of purposes)
      setGrant(stanceOf(world, r, brand), purpose, 'revoked', brand === s);
  }
  return 'done';
}

function setGrant(
  stance: Stance,
  purpose: GrantPurpose,
  state: 'granted' | 'revoked',
  isByName: boolean,
): void {
  const isKept =
    !isByName && (stance.grants[purpose] === 'off' || stance.inherited.includes(purpose));
  stance.inherited = stance.inherited.filter((one) => one !== purpose);
  if (isKept) stance.inherited.push(purpose);
  stance.grants[purpose] = state;
}

export function follow(world: World, one: string, other: string): Outcome {
  if (stanceOf(world, one, other).blocks) return 'you_blocked';
  stanceOf(world, one, other).follows = true;
  return 'done';
}

export function rename(world: World, username: string): Outcome {
  if (world.law.renameReopens) {
    for (const [key, stance] of world.stances) if (key.endsWith(` to ${username}`)) reopen(stance);
  }
  return 'done';
}

/** What S is told about R before typing. */
export function contactOf(world: World, s: string, r: string): Outcome {
  const text: Text = { template: 'short', name: 0 };
  const decision = decide(world, { from: s, to: r, text, origin: 'interactive' });
  return decision.refused ?? decision.arrives;
}
