import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorCatalogue } from '@aside/protocol';
import { expect, test } from 'vitest';
import { de } from './de.ts';
import { en } from './en.ts';
import type { Catalogue, Plural } from './words.ts';

const english: Catalogue = en;
const source = join(import.meta.dirname, '..');
const views = ['views', 'ui', 'words'].flatMap((folder) =>
  readdirSync(join(source, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file) && !/(\.test\.ts|^(en|de)(-\w+)?\.ts)$/.test(file))
    .map((file) => ({ file, code: readFileSync(join(source, folder, file), 'utf8') })),
);

const placeholders = (entry: string | Plural): string[] =>
  [
    ...new Set(
      (typeof entry === 'string' ? entry : entry.one + entry.other).match(/\{\w+\}/g) ?? [],
    ),
  ].toSorted();

test('both languages have the same keys, in the same order', () => {
  expect(Object.keys(de)).toEqual(Object.keys(english));
});

test('both languages have the same placeholders under every key', () => {
  const differing = Object.entries(english).filter(
    ([key, entry]) =>
      placeholders(entry).join() !== placeholders(de[key as keyof Catalogue]).join(),
  );
  expect(differing.map(([key]) => key)).toEqual([]);
});

test('every refusal of the API has a sentence and a remedy, in English the very words of the API', () => {
  const wanted = Object.entries(errorCatalogue).flatMap(([code, entry]) => [
    [`error.${code}`, entry.detail],
    [`remedy.${code}`, entry.remedy],
  ]);
  const said = (catalogue: Catalogue) =>
    Object.fromEntries(wanted.map(([key]) => [key, catalogue[key as keyof Catalogue]]));
  const untranslated = Object.entries(said(de)).filter(
    ([key, sentence]) => typeof sentence !== 'string' || sentence === said(english)[key],
  );
  expect(said(english)).toEqual(Object.fromEntries(wanted));
  expect(untranslated).toEqual([]);
});

test('no sentence shouts', () => {
  for (const catalogue of [english, de]) {
    expect(JSON.stringify(Object.values(catalogue))).not.toContain('!');
  }
});

test('every key is used by a view', () => {
  const code = views.map((view) => view.code).join('\n');
  const templates = [...code.matchAll(/[`']([a-z][\w-]*\.(?:[\w.-]+\.)?)\$\{/g)].map(
    (match) => match[1] ?? '',
  );
  const unused = Object.keys(english).filter(
    (key) =>
      !code.includes(`'${key}'`) &&
      !key.startsWith('cause.') &&
      !templates.some((prefix) => key.startsWith(prefix)),
  );
  expect(unused).toEqual([]);
});

test('no view shows words that are not in the catalogue', () => {
  const bare = views
    .filter(({ file }) => file.endsWith('.tsx'))
    .flatMap(({ file, code }) => {
      const attributes =
        code.match(/\b(?:aria-label|title|placeholder|alt)="[^"]*\p{L}{2}[^"]*"/gu) ?? [];
      const texts =
        code.match(/(?<=<[A-Za-z][^<>=]*>|<\/\w+>)\s*\p{Lu}[\p{L} ,.]{2,}\s*(?=<)/gu) ?? [];
      return [...attributes, ...texts].map((text) => `${file}: ${text.trim()}`);
    });
  expect(bare).toEqual([]);
});
