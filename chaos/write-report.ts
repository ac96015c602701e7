import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { notesOf } from './report.ts';
import type { Outcome } from './stage.ts';

const path = join(import.meta.dirname, '..', 'docs', 'durability.md');
const [begin, end] = [
  '<!-- chaos: written by npm run chaos -- --write -->',
  '<!-- end of chaos -->',
];

/** Puts the tables of a run where docs/durability.md has them. */
export function writeReport(
  tables: readonly string[],
  seed: string,
  outcomes: readonly Outcome[],
): void {
  const text = readFileSync(path, 'utf8');
  const [before, rest] = text.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`${path} has no place for it`);
  const today = new Date().toISOString().slice(0, 10);
  const notes = outcomes
    .filter(({ tally }) => tally.notes.size > 0)
    .map((outcome) => `- ${outcome.name}: ${notesOf(outcome)}`);
  const parts = [
    `${today}, \`npm run chaos\`, seed ${seed}, ${availableParallelism()} cores.`,
    ...tables,
    notes.join('\n'),
  ];
  writeFileSync(path, `${before}${begin}\n\n${parts.join('\n\n')}\n\n${end}${after}`);
}
