import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Draws } from './draws.ts';
import { names } from './rates.ts';

// What people and robots write: real texts of bench/data and the wordings of rates.ts, filled in.

const file = join(import.meta.dirname, '..', 'data/sms-spam-collection.tsv');

export interface Corpus {
  ham: readonly string[];
  spam: readonly string[];
}

/** Texts of a length that may open a conversation, each once. */
export function readCorpus(): Corpus {
  const lines = readFileSync(file, 'utf8').split('\n');
  const labelled = (label: string): string[] => [
    ...new Set(
      lines
        .filter((line) => line.startsWith(`${label}\t`))
        .map((line) => line.slice(label.length + 1))
        .filter((text) => text.length >= 30 && text.length <= 250),
    ),
  ];
  return { ham: labelled('ham'), spam: labelled('spam') };
}

/** Fills in `NAME`, `LINK` and one of `{a|b}`. */
export function fill(text: string, draws: Draws, link = ''): string {
  return text
    .replaceAll(/\{([^}]*)\}/g, (_, choice: string) => draws.pick(choice.split('|')))
    .replaceAll('NAME', draws.pick(names))
    .replaceAll('LINK', link);
}

/** A host that nobody has sent before. */
export function freshLink(draws: Draws): string {
  return `https://x${draws.below(1e9).toString(36)}.example.com/${draws.below(1e6).toString(36)}`;
}
