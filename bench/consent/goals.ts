import type { RuleName } from '../../server/src/domain/rules.ts';
import { sum, type Figures } from './measure.ts';
import { targets } from './rates.ts';

// What has to hold, and which rule each is owed to.

export interface Goal {
  name: string;
  /** The number that is held against the limit. */
  of(figures: Figures): number;
  max?: number;
  min?: number;
  isShare?: boolean;
}

export const goals = {
  unsolicited: {
    name: 'automated or promotional of keys and brands, unsolicited, in the inbox',
    of: (f) => f.unsolicited,
    max: 0,
  },
  unsolicitedKnown: {
    name: 'of these, texts that a promotional rule recognises',
    of: (f) => f.unsolicitedKnown,
    max: 0,
  },
  unsolicitedBadges: {
    name: 'badges they caused (there is no push yet)',
    of: (f) => f.unsolicitedBadges,
    max: 0,
  },
  secondAutomated: {
    name: 'second automated message before an answer, without a grant',
    of: (f) => f.secondAutomated,
    max: 0,
  },
  afterOptOut: { name: 'arrived after an opt-out', of: (f) => f.afterOptOut, max: 0 },
  afterOptOutLabelled: {
    name: 'of these, not taken for personal',
    of: (f) => f.afterOptOutLabelled,
    max: 0,
  },
  legitimate: {
    name: 'legitimate first contacts delivered',
    of: (f) => f.legitimate.delivered / Math.max(1, f.legitimate.sent),
    min: targets.legitimateDelivered,
    isShare: true,
  },
  celebrations: {
    name: 'celebrations held or refused',
    of: (f) =>
      sum(Object.values(f.told.celebration.stopped)) / Math.max(1, f.told.celebration.sent),
    max: targets.celebrationsStopped,
    isShare: true,
  },
  secondPersonal: {
    name: 'second request of one sender before an answer',
    of: (f) => f.secondPersonal,
    max: 0,
  },
  pastReach: { name: 'requests past the recipient’s reach', of: (f) => f.pastReach, max: 0 },
  copiesBadged: {
    name: 'copied texts with a badge, beyond two of an account',
    of: (f) => f.copiesBadged,
    max: 0,
  },
  unansweredCopies: {
    name: 'unanswered copies of one account at a time, at most',
    of: (f) => f.unansweredCopies,
    max: 10,
  },
  unanswered: {
    name: 'unanswered first messages of one account at a time, at most',
    of: (f) => f.unanswered,
    max: 40,
  },
  stolen: {
    name: 'messages of one stolen account before the brake, at most',
    of: (f) => f.stolenAtOnce.shownMax,
    max: 5,
  },
} as const satisfies Record<string, Goal>;

export type GoalName = keyof typeof goals;

/** The figure that suffers when the rule is left out. */
export const owedTo: Record<RuleName, GoalName> = {
  reach: 'pastReach',
  one_message: 'secondPersonal',
  quiet: 'copiesBadged',
  budget_similar: 'unansweredCopies',
  budget_unanswered: 'unanswered',
  grants: 'unsolicited',
  opt_out: 'afterOptOutLabelled',
  reply_credit: 'secondAutomated',
  brake: 'stolen',
  purpose_rules: 'unsolicitedKnown',
};

export function isMet(goal: Goal, figures: Figures): boolean {
  const value = goal.of(figures);
  return value <= (goal.max ?? Number.POSITIVE_INFINITY) && value >= (goal.min ?? 0);
}

export function shownValue(goal: Goal, figures: Figures): string {
  const value = goal.of(figures);
  return goal.isShare ? `${(100 * value).toFixed(2)} %` : String(value);
}

export function limitOf({ max, min, isShare }: Goal): string {
  const unit = (n: number): string => (isShare ? `${100 * n} %` : String(n));
  return min === undefined ? `≤ ${unit(max!)}` : `≥ ${unit(min)}`;
}
