import { describe, expect, test } from 'vitest';
import type { RuleName } from '../server/src/domain/rules.ts';
import { goals, isMet, owedTo, type Goal, type GoalName } from '../bench/consent/goals.ts';
import type { Figures } from '../bench/consent/measure.ts';
import { scales } from '../bench/consent/rates.ts';
import { simulate } from '../bench/consent/simulate.ts';

// The law of consent under attack, on a small town; `npm run bench:consent` shows more of it.

const patienceMs = 240_000;

/** What no pattern recognises is the one thing the law does not promise; bench:consent says how much that is. */
const notPromised: ReadonlySet<GoalName> = new Set([
  'unsolicited',
  'unsolicitedBadges',
  'afterOptOut',
]);
const promised = (Object.keys(goals) as GoalName[]).filter((name) => !notPromised.has(name));

describe('a town of people, brands and robots', () => {
  test(
    'keeps every promise of the law',
    async () => {
      const figures = await play([]);
      expect(figures.sent).toBeGreaterThan(500);
      expect(promised.filter((name) => !isMet(goals[name], figures))).toEqual([]);
    },
    patienceMs,
  );

  test.each<RuleName>(['reply_credit', 'grants'])(
    'breaks one without the rule %s',
    async (rule) => {
      const goal: Goal = goals[owedTo[rule]];
      expect(isMet(goal, await play([rule]))).toBe(false);
    },
    patienceMs,
  );
});

function play(without: RuleName[]): Promise<Figures> {
  return simulate({ seed: 1, scale: scales.quick, attack: 1, without });
}
