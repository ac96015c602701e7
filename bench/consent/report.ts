import type { RuleName } from '../../server/src/domain/rules.ts';
import { goals, isMet, limitOf, owedTo, shownValue, type Goal } from './goals.ts';
import { sum, type CovertFigures, type Figures, type Spread } from './measure.ts';

// Figures as Markdown tables, the same in a terminal and in docs/consent.md.

export interface Level {
  attack: number;
  figures: Figures;
}

export interface Ablation {
  rule: RuleName;
  figures: Figures;
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

export function levelsTable(levels: readonly Level[]): string {
  const head = ['figure', 'target', ...levels.map(({ attack }) => `attack × ${attack}`)];
  const held = (Object.values(goals) as Goal[]).map((goal) => [
    goal.name,
    limitOf(goal),
    ...levels.map(({ figures }) => `${shownValue(goal, figures)} ${verdict(goal, figures)}`),
  ]);
  const told = observations.map(([name, show]) => [
    name,
    '',
    ...levels.map(({ figures }) => show(figures)),
  ]);
  return table(head, [...held, ...told]);
}

function verdict(goal: Goal, figures: Figures): string {
  return isMet(goal, figures) ? 'ok' : '**RED**';
}

/** Without a target: what it costs, and what gets through all the same. */
const observations: readonly [string, (figures: Figures) => string][] = [
  ['messages sent or tried', (f) => String(f.sent)],
  ['unsolicited ones, by what the server took them for', (f) => listed(f.unsolicitedTakenFor)],
  ['after an opt-out, by what the server took them for', (f) => listed(f.afterOptOutTakenFor)],
  [
    'promotions of brands that came as requests, plain + quiet',
    (f) => `${f.promotionsAsRequests.plain} + ${f.promotionsAsRequests.quiet}`,
  ],
  ['legitimate first contacts that came quiet', ({ legitimate: l }) => `${l.quiet} of ${l.sent}`],
  ['legitimate first contacts refused', ({ legitimate: l }) => listed(l.refused)],
  [
    'celebrations stopped',
    ({ told }) => `${listed(told.celebration.stopped)} of ${told.celebration.sent}`,
  ],
  [
    'celebrations that came quiet',
    ({ told }) => `${told.celebration.quiet} of ${told.celebration.sent}`,
  ],
  ['celebrations with a link, stopped', ({ told }) => toldWithLink(told.celebration_link)],
  ['invitations with a link, stopped', ({ told }) => toldWithLink(told.invitation)],
  [
    'answers of disciplined brands refused',
    ({ service: s }) => `${listed(s.refused)} of ${s.sent}`,
  ],
  ['covert robots: requests with a badge', (f) => covertBadges(f)],
  [
    'covert robots: pitches in the inbox after an accept',
    (f) => String(sumOf(f, (c) => c.inInbox)),
  ],
  ['requests a person sees a day, plain', (f) => spread(f.requestsPerDay.plain)],
  ['requests a person sees a day, quiet', (f) => spread(f.requestsPerDay.quiet)],
  ['the same with reach everyone, plain', (f) => spread(f.requestsPerDay.plainOpen)],
  ['the same with reach everyone, quiet', (f) => spread(f.requestsPerDay.quietOpen)],
  ['stolen accounts, all at once', (f) => stolen(f.stolenAtOnce)],
  ['stolen accounts, one friend first and the rest a day later', (f) => stolen(f.stolenPatient)],
];

function sumOf(figures: Figures, of: (covert: CovertFigures) => number): number {
  return sum(Object.values(figures.covert).map(of));
}

function covertBadges(figures: Figures): string {
  const plain = sumOf(figures, ({ plain: n }) => n);
  const sent = sumOf(figures, ({ sent: n }) => n);
  return `${plain} (${(plain / Math.max(1, sent)).toFixed(3)} for each message tried)`;
}

function toldWithLink({ stopped, later, sent }: Figures['told']['invitation']): string {
  return `${listed(stopped)} of ${sent}; ${later} came after signing in again`;
}

function stolen({
  accounts,
  sent,
  shownBefore,
  shownMax,
  released,
}: Figures['stolenAtOnce']): string {
  return `${accounts} accounts, ${shownBefore} of ${sent} got through (at most ${shownMax} of one), ${released} more when the owner signed in`;
}

function spread({ median, p95, mean }: Spread): string {
  return `median ${median}, p95 ${p95}, mean ${mean.toFixed(2)}`;
}

function listed(counts: Record<string, number>): string {
  const entries = Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.length === 0 ? '0' : entries.map(([key, n]) => `${n} ${key}`).join(', ');
}

/** What each disguise is worth. */
export function covertTable({ covert }: Figures): string {
  const rows = Object.entries(covert).map(([disguise, figures]) => {
    const { accounts, sent, plain, quiet, inInbox, refused } = figures;
    const share = (plain / Math.max(1, sent)).toFixed(3);
    return [disguise, accounts, sent, plain, share, quiet, inInbox, listed(refused)].map(String);
  });
  return table(
    [
      'disguise',
      'accounts',
      'tried',
      'badges',
      'badges for each',
      'quiet',
      'after an accept',
      'refused',
    ],
    rows,
  );
}

/** A rule is worth what gets worse without it. */
export function ablationTable(all: Figures, ablations: readonly Ablation[]): string {
  const rows = ablations.map(({ rule, figures }) => {
    const goal: Goal = goals[owedTo[rule]];
    const [before, after] = [shownValue(goal, all), shownValue(goal, figures)];
    const red = isMet(goal, figures) ? 'no' : isMet(goal, all) ? 'RED' : 'RED before as well';
    return [`\`${rule}\``, goal.name, limitOf(goal), before, after, red];
  });
  return table(['left out', 'figure', 'target', 'all rules', 'without', 'turns red?'], rows);
}
