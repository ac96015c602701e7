import { checkNames } from './checks/all.ts';
import type { Hunt } from './hunt.ts';
import type { Outcome } from './stage.ts';

// Tables in the form that docs/durability.md takes them over.

const shownMax = 5;

/** What went wrong in a run, each with the check that found it; the first few of each. */
export function complaintsOf({ found, unrest }: Outcome): string[] {
  const complaints = checkNames.flatMap((name) => {
    const problems = found[name];
    const shown = problems.slice(0, shownMax).map((text) => `${name}: ${text}`);
    const more = problems.length - shown.length;
    return more > 0 ? [...shown, `${name}: and ${more} more`] : shown;
  });
  return [...complaints, ...unrest.map((text) => `no rest: ${text}`)];
}

/** What the scenario noted of its own doing. */
export function notesOf({ tally }: Outcome): string {
  return [...tally.notes].map(([text, times]) => `${text}: ${times}`).join(', ');
}

/** What was done and what the checks found. */
export function scenarioTable(outcomes: readonly Outcome[]): string {
  const head = ['scenario', 'kills', 'other faults', 'acks', 's', ...checkNames, 'came to rest'];
  const rows = outcomes.map((one) => [
    one.name,
    one.tally.kills,
    one.tally.faults,
    one.tally.acks,
    one.seconds.toFixed(0),
    ...checkNames.map((name) => verdict(one.found[name])),
    verdict(one.unrest),
  ]);
  const sum = (of: (one: Outcome) => number): number =>
    outcomes.reduce((total, one) => total + of(one), 0);
  const totals = [
    sum((one) => one.tally.kills),
    sum((one) => one.tally.faults),
    sum((one) => one.tally.acks),
    sum((one) => one.seconds).toFixed(0),
  ];
  const blanks = [...checkNames, 'rest'].map(() => '');
  return table(head, [...rows, ['all', ...totals, ...blanks]]);
}

/** What people noticed. */
export function noticedTable(outcomes: readonly Outcome[]): string {
  const head = [
    'scenario',
    'ack, median ms',
    'p99 ms',
    'longest s',
    'come back later',
    'no answer',
    'reconnects',
    'pages pulled',
    'refused by consent',
    '500',
  ];
  const rows = outcomes.map(({ name, tally, waits, reconnects }) => [
    name,
    waits.medianMs.toFixed(0),
    waits.p99Ms.toFixed(0),
    (waits.longestMs / 1_000).toFixed(1),
    tally.comeBacks,
    tally.lost,
    reconnects,
    tally.pages,
    tally.refusals,
    tally.internal,
  ]);
  return table(head, rows);
}

export function verdict(problems: readonly string[]): string {
  return problems.length === 0 ? 'ok' : `${problems.length} WRONG`;
}

export function table(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

export function mutantTable(hunts: readonly Hunt[]): string {
  const head = ['mutant', 'what is wrong', 'scenario', 'check', 'caught', 'after kills', 'acks'];
  const rows = hunts.map(({ mutant, isCaught, others, kills, acks, finding }) => [
    mutant.name,
    mutant.fault,
    mutant.scenario,
    mutant.check,
    isCaught ? `yes: ${finding}` : 'SURVIVED',
    kills,
    acks,
    others.length === 0 ? '–' : others.join(', '),
  ]);
  return table([...head, 'also red'], rows);
}
