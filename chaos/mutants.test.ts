import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkNames } from './checks/all.ts';
import { applyPatch, mutants } from './mutants.ts';
import { scenarios } from './scenarios.ts';

const repository = join(import.meta.dirname, '..');

test.each(mutants)('the mutant “$name” can still be put into today’s source', ({ patches }) => {
  const texts = new Map<string, string>();
  for (const patch of patches) {
    const before = texts.get(patch.file) ?? readFileSync(join(repository, patch.file), 'utf8');
    const after = applyPatch(before, patch);
    expect(after).not.toBe(before);
    texts.set(patch.file, after);
  }
});

test('every check has a mutant that it must catch, in a scenario that there is', () => {
  expect(new Set(mutants.map((mutant) => mutant.check))).toEqual(new Set(checkNames));
  const names = scenarios.map((scenario) => scenario.name);
  for (const mutant of mutants) expect(names).toContain(mutant.scenario);
});

test('a patch whose text is gone, or there twice, is refused', () => {
  const patch = { file: 'some.ts', find: 'lock', replace: 'look' };
  expect(applyPatch('a lock here', patch)).toBe('a look here');
  expect(() => applyPatch('none here', patch)).toThrow('0 times');
  expect(() => applyPatch('a lock and a lock', patch)).toThrow('2 times');
});
