import { hasLink } from '@aside/protocol';
import { expect, test } from 'vitest';
import { findPromotionalRule } from '../../src/domain/judge-purpose.ts';
import { areNearDuplicates, signatureOf } from '../../src/domain/near-duplicate.ts';
import { isStopWord } from '../../src/domain/stop-word.ts';
import * as texts from './consent-texts.ts';

// The consent tests say of their texts what they are; the server has to read them so, or they test something else.

const templates = ['bees', 'choir', 'hike', 'short', 'full', 'long', 'stop'] as const;
const all = templates.flatMap((template) =>
  Array.from({ length: 6 }, (_, name) => ({ template, name })),
);

test.each(all.map((text) => [texts.render(text), text] as const))('%s', (rendered, text) => {
  const signature = signatureOf(rendered);
  expect(signature === null).toBe(texts.isShort(text));
  expect(isStopWord(rendered)).toBe(texts.isStopWord(text));
  expect(hasLink(rendered)).toBe(texts.hasLink(text));
  expect(findPromotionalRule(rendered)).toBe(null);
  for (const other of all) {
    const theirs = signatureOf(texts.render(other));
    if (!signature || !theirs) continue;
    expect(areNearDuplicates(signature, theirs)).toBe(texts.similar(text, other));
  }
});
