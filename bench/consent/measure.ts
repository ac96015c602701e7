import { findPromotionalRule } from '../../server/src/domain/judge-purpose.ts';
import type { Account, Disguise, Sending, Shown, Sort } from './account.ts';
import type { Town } from './town.ts';

// What came of it, counted on the recipients' devices and set against what the senders really meant.

export interface Spread {
  median: number;
  p95: number;
  mean: number;
}

export interface CovertFigures {
  accounts: number;
  sent: number;
  plain: number;
  quiet: number;
  /** After somebody accepted. */
  inInbox: number;
  refused: Record<string, number>;
}

export interface Figures {
  /** Some of what broke a promise, in words. */
  evidence: string[];
  sent: number;
  unsolicited: number;
  /** Those of them whose text a promotional rule of the server recognises. */
  unsolicitedKnown: number;
  unsolicitedBadges: number;
  /** What the server took the unsolicited ones for. */
  unsolicitedTakenFor: Record<string, number>;
  promotionsAsRequests: { plain: number; quiet: number };
  secondAutomated: number;
  afterOptOut: number;
  /** Those of them that the server took for what they were, or for something else that is not personal. */
  afterOptOutLabelled: number;
  afterOptOutTakenFor: Record<string, number>;
  legitimate: { sent: number; delivered: number; quiet: number; refused: Record<string, number> };
  told: Record<'celebration' | 'celebration_link' | 'invitation', Told>;
  service: { sent: number; refused: Record<string, number> };
  covert: Partial<Record<Disguise, CovertFigures>>;
  copiesBadged: number;
  unansweredCopies: number;
  unanswered: number;
  secondPersonal: number;
  pastReach: number;
  requestsPerDay: { plain: Spread; quiet: Spread; plainOpen: Spread; quietOpen: Spread };
  stolenAtOnce: Stolen;
  stolenPatient: Stolen;
}

export interface Told {
  sent: number;
  stopped: Record<string, number>;
  /** Held, and seen after the sender had signed in again. */
  later: number;
  quiet: number;
}

export interface Stolen {
  accounts: number;
  sent: number;
  shownBefore: number;
  shownMax: number;
  /** Seen after the owner had signed in again. */
  released: number;
}

const copying: ReadonlySet<Disguise | undefined> = new Set(['same', 'name', 'link']);
const legitimate: ReadonlySet<Sort> = new Set([
  'acquaintance',
  'friend_of_friend',
  'job_seeker',
  'customer',
]);

export function measure(town: Town): Figures {
  const all = town.chronicle.sendings.filter(({ sort }) => sort !== 'setup');
  const shown = all.filter((sending) => sending.shown !== undefined);
  const declared = shown.filter(
    ({ from }) => from.role !== 'person' && from.role !== 'covert_robot',
  );
  const unsolicited = declared.filter((s) => isInInbox(s) && !s.isSolicited);
  const afterOptOut = declared.filter((s) => isInInbox(s) && s.isAfterOptOut);
  const asRequests = declared.filter((s) => s.nature === 'promotional' && !isInInbox(s));
  const pastReach = shown.filter((s) => isRequest(s) && !s.isAdmitted);
  const robots = town.inRole('covert_robot');
  const copies = robots.filter(({ disguise }) => copying.has(disguise));
  return {
    evidence: [
      ...evidenceOf('unsolicited', unsolicited),
      ...evidenceOf('after an opt-out', afterOptOut),
      ...evidenceOf('past the reach', pastReach),
      ...evidenceOf('celebration stopped', all.filter(isStoppedCelebration)),
      ...evidenceOf(
        'legitimate, never seen',
        legitimateFirsts(all).filter((s) => s.shown === undefined),
      ),
    ],
    sent: all.length,
    unsolicited: unsolicited.length,
    unsolicitedKnown: count(unsolicited, ({ text }) => findPromotionalRule(text) !== null),
    unsolicitedBadges: unsolicited.filter(({ shown: where }) => where === 'inbox').length,
    unsolicitedTakenFor: countBy(unsolicited, takenFor),
    promotionsAsRequests: plainAndQuiet(asRequests),
    secondAutomated: countSecondAutomated(declared),
    afterOptOut: afterOptOut.length,
    afterOptOutLabelled: count(afterOptOut, (s) => s.takenFor !== 'personal'),
    afterOptOutTakenFor: countBy(afterOptOut, takenFor),
    legitimate: legitimateFigures(all),
    told: {
      celebration: told(all, 'celebration'),
      celebration_link: told(all, 'celebration_link'),
      invitation: told(all, 'invitation'),
    },
    service: serviceFigures(all),
    covert: covertFigures(town, all),
    copiesBadged: sum(copies.map((robot) => Math.max(0, count(robot.firsts, isPlain) - 2))),
    unansweredCopies: maxOf(copies.map((robot) => mostUnanswered(robot, town.scale.days))),
    unanswered: maxOf(robots.map((robot) => mostUnanswered(robot, town.scale.days))),
    secondPersonal: countSecondPersonal(shown),
    pastReach: pastReach.length,
    requestsPerDay: requestsPerDay(town, shown),
    stolenAtOnce: stolenFigures(all, 'stolen_at_once'),
    stolenPatient: stolenFigures(all, 'stolen_patient'),
  };
}

function isStoppedCelebration({ sort, outcome }: Sending): boolean {
  return sort === 'celebration' && outcome !== 'inbox' && outcome !== 'requests';
}

function isInInbox({ shown }: Sending): boolean {
  return shown === 'inbox' || shown === 'offers';
}

function isPlain({ shown }: Sending): boolean {
  return shown === 'request';
}

function isRequest({ shown }: Sending): boolean {
  return shown === 'request' || shown === 'quiet';
}

function takenFor({ takenFor: purpose }: Sending): string {
  return purpose ?? 'unknown';
}

/** Robots of brands and bots, without a grant, more than once to the same answer. */
function countSecondAutomated(declared: readonly Sending[]): number {
  const ungranted = declared.filter((s) => s.byKey && isInInbox(s) && !s.hasGrant);
  const perAnswer = countBy(
    ungranted,
    ({ from, to, answersBefore }) => `${from.username} ${to.username} ${answersBefore}`,
  );
  return sum(Object.values(perAnswer).map((n) => n - 1));
}

/** Requests of one sender to one person, more than one before an answer. */
function countSecondPersonal(shown: readonly Sending[]): number {
  const perPair = countBy(
    shown.filter(isRequest),
    ({ from, to }) => `${from.username} ${to.username}`,
  );
  return sum(Object.values(perPair).map((n) => n - 1));
}

function legitimateFigures(all: readonly Sending[]): Figures['legitimate'] {
  const firsts = legitimateFirsts(all);
  return {
    sent: firsts.length,
    delivered: count(firsts, (s) => s.shown !== undefined),
    quiet: count(firsts, (s) => s.shown === 'quiet'),
    refused: refusals(firsts),
  };
}

function legitimateFirsts(all: readonly Sending[]): Sending[] {
  return all.filter((s) => legitimate.has(s.sort) && s.isFirst && s.isAdmitted && isNewTry(s));
}

const evidenceMax = 5;

function evidenceOf(what: string, of: readonly Sending[]): string[] {
  return of
    .slice(0, evidenceMax)
    .map(
      ({ from, to, day, text, outcome, takenFor: purpose }) =>
        `${what}: day ${day}, ${from.username} to ${to.username}, ${outcome}, as ${purpose ?? 'nothing'}: ${text}`,
    );
}

/** Who asks a second time while the first question waits is answered that it waits; that is no new contact. */
function isNewTry(sending: Sending): boolean {
  return sending.from.firsts.find(({ to }) => to === sending.to) === sending;
}

function told(all: readonly Sending[], sort: Sort): Told {
  const own = all.filter((s) => s.sort === sort);
  return {
    sent: own.length,
    stopped: refusals(own),
    later: count(own, (s) => s.outcome === 'held' && s.shown !== undefined),
    quiet: count(own, (s) => s.shown === 'quiet'),
  };
}

function serviceFigures(all: readonly Sending[]): Figures['service'] {
  const own = all.filter((s) => s.sort === 'service' && s.nature === 'service');
  return { sent: own.length, refused: refusals(own) };
}

function covertFigures(town: Town, all: readonly Sending[]): Figures['covert'] {
  const figures: Figures['covert'] = {};
  for (const robot of town.inRole('covert_robot')) {
    const own = all.filter(({ from }) => from === robot);
    const before = figures[robot.disguise!];
    const { plain, quiet } = plainAndQuiet(own);
    figures[robot.disguise!] = {
      accounts: (before?.accounts ?? 0) + 1,
      sent: (before?.sent ?? 0) + own.length,
      plain: (before?.plain ?? 0) + plain,
      quiet: (before?.quiet ?? 0) + quiet,
      inInbox: (before?.inInbox ?? 0) + count(own, isInInbox),
      refused: added(before?.refused ?? {}, refusals(own)),
    };
  }
  return figures;
}

/** First messages of an account that had arrived and were not answered, on its worst day. */
function mostUnanswered(robot: Account, days: number): number {
  const arrived = robot.firsts.filter((s) => s.shown !== undefined);
  return maxOf(
    Array.from({ length: days }, (_, day) =>
      count(arrived, (s) => s.day <= day && (s.answeredDay === undefined || s.answeredDay >= day)),
    ),
  );
}

function requestsPerDay(town: Town, shown: readonly Sending[]): Figures['requestsPerDay'] {
  const persons = town.inRole('person');
  const open = persons.filter(({ reach }) => reach === 'everyone');
  const spread = (people: readonly Account[], where: Shown): Spread => {
    const seen = countBy(
      shown.filter((s) => s.shown === where),
      ({ to, shownDay }) => `${to.username} ${shownDay}`,
    );
    const days = Array.from({ length: town.scale.days }, (_, day) => day);
    return spreadOf(
      people.flatMap(({ username }) => days.map((day) => seen[`${username} ${day}`] ?? 0)),
    );
  };
  return {
    plain: spread(persons, 'request'),
    quiet: spread(persons, 'quiet'),
    plainOpen: spread(open, 'request'),
    quietOpen: spread(open, 'quiet'),
  };
}

function stolenFigures(all: readonly Sending[], sort: Sort): Stolen {
  const own = all.filter((s) => s.sort === sort);
  const through = own.filter((s) => s.shown !== undefined && s.outcome !== 'held');
  return {
    accounts: new Set(own.map(({ from }) => from)).size,
    sent: own.length,
    shownBefore: through.length,
    shownMax: maxOf(Object.values(countBy(through, ({ from }) => from.username))),
    released: count(own, (s) => s.shown !== undefined && s.outcome === 'held'),
  };
}

function plainAndQuiet(of: readonly Sending[]): { plain: number; quiet: number } {
  return { plain: count(of, isPlain), quiet: count(of, (s) => s.shown === 'quiet') };
}

function refusals(of: readonly Sending[]): Record<string, number> {
  const stopped = of.filter(({ outcome }) => outcome !== 'inbox' && outcome !== 'requests');
  return countBy(stopped, ({ outcome }) => outcome);
}

function countBy(
  of: readonly Sending[],
  key: (sending: Sending) => string,
): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const sending of of) counts[key(sending)] = (counts[key(sending)] ?? 0) + 1;
  return counts;
}

function added(a: Record<string, number>, b: Record<string, number>): Record<string, number> {
  const both = { ...a };
  for (const [key, n] of Object.entries(b)) both[key] = (both[key] ?? 0) + n;
  return both;
}

function count(of: readonly Sending[], is: (sending: Sending) => boolean): number {
  return of.filter(is).length;
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}

function maxOf(numbers: readonly number[]): number {
  return Math.max(0, ...numbers);
}

function spreadOf(numbers: readonly number[]): Spread {
  const sorted = [...numbers].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
  return { median: at(0.5), p95: at(0.95), mean: sum(sorted) / Math.max(1, sorted.length) };
}
