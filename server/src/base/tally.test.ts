import { expect, test } from 'vitest';
import { Spread, Tally } from './tally.ts';

test('a tally counts by word', () => {
  const tally = new Tally();
  tally.add('new');
  tally.add('new', 3);
  tally.add('repeat');
  expect([...tally.counts]).toEqual([
    ['new', 4],
    ['repeat', 1],
  ]);
});

test('a value on a bound counts there, one beyond all bounds at the end', () => {
  const spread = new Spread([1, 5]);
  for (const value of [0, 1, 1.5, 5, 7]) spread.add(value);
  expect(spread.counts).toEqual([2, 2, 1]);
  expect(spread.sum).toBe(14.5);
});
