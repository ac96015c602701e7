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

/** Of each round with its neighbours in time, then the median: what slows the machine for a while slows both. */
function ratios(measured: readonly Measured[], { pairs, inFlight }: Load, l: number): string[] {
  const cellsOf = (name: string): Cell[] | undefined =>
    measured.find((one) => one.name.startsWith(name))?.cells[l];
  const [aside, peer, bare] = ['Aside', 'ejabberd', 'prototype'].map(cellsOf);
  const said: string[] = [];
  const ratio = (words: string, a: number[], b: number[]): void => {
    const each = a.map((value, i) => value / b[i]!);
    said.push(`${words} ${median(each).toFixed(2)} ${spread(each)}`);
  };
  const rate = (cell: Cell): number => cell.perSecond;
  const p99 = (cell: Cell): number => cell.p99Ms;
  if (aside && peer) {
    ratio('Aside / ejabberd: rate', aside.map(rate), peer.map(rate));
    ratio('p99', aside.map(p99), peer.map(p99));
  }
  if (aside && bare) ratio('Aside / prototype: rate', aside.map(rate), bare.map(rate));
  if (bare && peer) ratio('prototype / ejabberd: rate', bare.map(rate), peer.map(rate));
  return said.length === 0 ? [] : [`- ${pairs} × ${inFlight}: ${said.join('; ')}`];
}
