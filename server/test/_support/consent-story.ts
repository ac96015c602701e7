import type { Act, Drawn, Glance } from './consent-acts.ts';
import { day, hour } from './consent-law.ts';
import { grantPurposes, type Outcome } from './consent-oracle.ts';
import { render } from './consent-texts.ts';

// A run of the consent tests as a reader wants it: one line for each act, and at the end what differed.

const times = (n: number): string => (n === 1 ? '' : ` ${n} times`);

export function tell(act: Act): string {
  switch (act.do) {
    case 'send': {
      const claim = act.claim === undefined ? '' : `, as ${act.claim}`;
      const by = act.as === 'key' ? 'by API key' : `by ${act.door}`;
      return `${act.from} writes to ${act.to} ${by}${claim}${times(act.times)}: “${render(act.text)}”`;
    }
    case 'pitch':
      return `${act.from} writes “${act.template}” to ${act.count} who never heard of it`;
    case 'welcome':
      return `${act.count} of those to whom ${act.from} wrote accept`;
    case 'edit':
      return `${act.from} edits what it wrote to ${act.to}: “${render(act.text)}”`;
    case 'bulk':
      return `${act.who}: ${act.action} ${act.about}, from the list of requests`;
    case 'grant':
    case 'revoke':
      return `${act.who}: ${act.do} ${act.purpose} of ${act.about}`;
    case 'unsubscribe':
      return `${act.who} follows the unsubscribe link of the latest such message of ${act.about}`;
    case 'reach':
      return `${act.who} sets reach to ${act.reach}`;
    case 'rename':
      return `${act.who} is called “${act.name}” from now on`;
    case 'delete':
      return `${act.who} deletes the account`;
    case 'wait':
      return act.ms < day ? `${act.ms / hour} hour passes` : `${act.ms / day} days pass`;
    default:
      return `${act.who}: ${act.do} ${act.about}`;
  }
}

/** `inbox, inbox, await_reply` as `2 × inbox, await_reply`. */
export function tellOutcomes(outcomes: readonly string[]): string {
  const runs: [string, number][] = [];
  for (const outcome of outcomes) {
    const last = runs.at(-1);
    if (last?.[0] === outcome) last[1] += 1;
    else runs.push([outcome, 1]);
  }
  return runs.map(([outcome, n]) => (n === 1 ? outcome : `${n} × ${outcome}`)).join(', ');
}

/** One act that was done, and what came of it. */
export interface Deed {
  act: Act;
  drawn: Drawn;
  expected: Outcome[];
}

/** Something that is not as it should be. */
export class Difference extends Error {
  constructor(deeds: readonly Deed[], what: string) {
    const lines = deeds.map(({ act, expected }) => `  ${tell(act)}  → ${tellOutcomes(expected)}`);
    super(`\n${lines.join('\n')}\n  BUT ${what}`);
    this.name = 'Difference';
  }
}

/** Names the fields in which two glances differ; empty if in none. */
export function compareGlances(expected: Glance, got: Glance): string {
  for (const purpose of grantPurposes) {
    const isUnsure = expected.grants[purpose] === 'revoked or off';
    if (isUnsure && got.grants[purpose] !== 'granted')
      expected.grants[purpose] = got.grants[purpose];
  }
  const fields = Object.keys(expected) as (keyof Glance)[];
  return fields
    .filter((field) => JSON.stringify(expected[field]) !== JSON.stringify(got[field]))
    .map(
      (field) =>
        `${field}: expected ${JSON.stringify(expected[field])}, got ${JSON.stringify(got[field])}`,
    )
    .join('; ');
}
