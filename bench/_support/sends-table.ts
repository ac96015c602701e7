import { median, spread } from './statistics.ts';

// The table of sends.ts: the median of the rounds with how far they lie apart, then the ratios that count.

export interface Load {
  pairs: number;
  inFlight: number;
}

/** One round of one contestant under one load; processor time in milliseconds per 1,000 messages. */
export interface Cell {
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  undelivered: number;
  serverCpu: number;
  databaseCpu: number;
  loadCpu: number;
}

export interface Measured {
  name: string;
  /** By load, then by round. */
  cells: Cell[][];
}

export interface Sends {
  measured: readonly Measured[];
  loads: readonly Load[];
  rounds: number;
  ms: number;
  database: string;
  machine: string;
}

export function formatSends({ measured, loads, rounds, ms, database, machine }: Sends): string {
  return [
    `On ${database}. ${machine}. 120-byte bodies, closed loop; median of ${rounds} rounds of ${ms / 1000} s taken in turns,`,
    'with ± half the distance between the quarters. Processor time in ms per 1,000 messages.',
    '',
    ...table(measured, loads),
    '',
    ...loads.flatMap((load, l) => ratios(measured, load, l)),
  ].join('\n');
}

function table(measured: readonly Measured[], loads: readonly Load[]): string[] {
  const head = ['pairs × in flight', 'server', 'delivered/s', '', 'p50 ms', 'p99 ms', ''];
  const rest = ['undelivered', 'CPU server', 'CPU PostgreSQL', 'CPU load'];
  const rows = loads.flatMap(({ pairs, inFlight }, l) =>
    measured.map(({ name, cells }) => {
      const of = (pick: (cell: Cell) => number): number[] => cells[l]!.map(pick);
      const middle = (pick: (cell: Cell) => number, digits = 0): string =>
        median(of(pick)).toFixed(digits);
      return [
        `${pairs} × ${inFlight}`,
        name,
        middle((c) => c.perSecond),
        spread(of((c) => c.perSecond)),
        middle((c) => c.p50Ms, 1),
        middle((c) => c.p99Ms, 1),
        spread(of((c) => c.p99Ms)),
        String(cells[l]!.reduce((sum, c) => sum + c.undelivered, 0)),
        middle((c) => c.serverCpu),
        middle((c) => c.databaseCpu),
        middle((c) => c.loadCpu),
      ];
    }),
  );
  return align([[...head, ...rest], ...rows]);
}

/** As a table of Markdown whose columns also stand below each other in a terminal. */
export function align(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, i) => (i < 2 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join(' | ')} |`;
  const rule = `|${widths.map((width, i) => (i < 2 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return [line(rows[0]!), rule, ...rows.slice(1).map(line)];
}

interface Goal {
  words: string;
  isMet: (value: number) => boolean;
}

/** They count where people write one message and wait, all at once: 100 pairs with one in flight each. */
const goals: Record<string, Goal> = {
  'Aside / ejabberd, rate': { words: 'at least 5', isMet: (value) => value >= 5 },
  'Aside / ejabberd, p99': { words: 'at most 0.25', isMet: (value) => value <= 0.25 },
  'Aside / prototype, rate': { words: 'at least 0.80', isMet: (value) => value >= 0.8 },
};

/** Of each round with its neighbours in time, then the median: what slows the machine for a while slows both. */
function ratios(measured: readonly Measured[], { pairs, inFlight }: Load, l: number): string[] {
  const cellsOf = (name: string): Cell[] | undefined =>
    measured.find((one) => one.name.startsWith(name))?.cells[l];
  const isGoal = pairs === 100 && inFlight === 1;
  const said: string[] = [];
  const ratio = (one: string, other: string, what: string, pick: (cell: Cell) => number): void => {
    const [a, b] = [cellsOf(one), cellsOf(other)];
    if (!a || !b) return;
    const each = a.map((cell, i) => pick(cell) / pick(b[i]!));
    const goal = isGoal ? goals[`${one} / ${other}, ${what}`] : undefined;
    const verdict = goal
      ? ` (goal ${goal.words}: ${goal.isMet(median(each)) ? 'met' : '**missed**'})`
      : '';
    said.push(`${one} / ${other}, ${what} ${median(each).toFixed(2)} ${spread(each)}${verdict}`);
  };
  const rate = (cell: Cell): number => cell.perSecond;
  ratio('Aside', 'ejabberd', 'rate', rate);
  ratio('Aside', 'ejabberd', 'p99', (cell) => cell.p99Ms);
  ratio('Aside', 'prototype', 'rate', rate);
  ratio('prototype', 'ejabberd', 'rate', rate);
  return said.length === 0 ? [] : [`- ${pairs} × ${inFlight}: ${said.join('; ')}`];
}
