// The rules of docs/consent.md by name. All of them hold, always; bench/consent leaves one out at a time to show what
// it is there for. Only the knob ASIDE_BENCH_WITHOUT can do so, on a test clock that production refuses.

export const ruleNames = [
  'reach',
  'one_message',
  'quiet',
  'budget_similar',
  'budget_unanswered',
  'grants',
  'opt_out',
  'reply_credit',
  'brake',
  'purpose_rules',
] as const;

export type RuleName = (typeof ruleNames)[number];

/** True: the rule holds. */
export type Rules = Readonly<Record<RuleName, boolean>>;

export const allRules: Rules = rulesWithout([]);

export function rulesWithout(left: readonly RuleName[]): Rules {
  return Object.fromEntries(ruleNames.map((name) => [name, !left.includes(name)])) as Record<
    RuleName,
    boolean
  >;
}
