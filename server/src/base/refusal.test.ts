import { expect, test } from 'vitest';
import { errorCatalogue, type ErrorCode } from '@aside/protocol';
import { Refusal } from './refusal.ts';

const codes = Object.keys(errorCatalogue) as ErrorCode[];

test('every refusal carries a sentence fit for a person and an HTTP status of its kind', () => {
  for (const code of codes) {
    const { status, title, detail, remedy } = errorCatalogue[code];
    expect(new Refusal(code).message).toBe(detail);
    // What is held was taken and waits; everything else was not taken.
    if (code === 'held') expect(status).toBe(202);
    else expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(600);
    for (const sentence of [detail, remedy]) expect(sentence).toMatch(/^[A-Z].+[.”]$/s);
    expect(title).toMatch(/^[A-Z]/);
  }
});

test('what is known more exactly replaces the sentence and keeps the code', () => {
  const refusal = new Refusal('invalid', 'The seq is odd.', { retryAfterMs: 5 });
  expect(refusal).toMatchObject({
    code: 'invalid',
    message: 'The seq is odd.',
    data: { retryAfterMs: 5 },
  });
});
