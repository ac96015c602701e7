import type { Tick } from '@aside/protocol';
import { expect, test } from 'vitest';
import type { PersonId } from '../base/ids.ts';
import { createToldPositions } from './told-positions.ts';

const ann = '1' as PersonId;
const ticks = (...positions: number[]): Tick[] => positions.map((pos) => ({ pos }) as Tick);

test('rows that arrive swapped count when the gap is filled, and never before', () => {
  const told = createToldPositions();
  told.came(ann);
  told.begin(ann, 10);
  told.note(ann, ticks(12, 13));
  expect(told.of(ann)).toBe(10);
  told.note(ann, ticks(11));
  expect(told.of(ann)).toBe(13);
  told.note(ann, ticks(4));
  expect(told.of(ann)).toBe(13);
});

test('what comes before the welcome counts from the welcome on', () => {
  const told = createToldPositions();
  told.came(ann);
  told.note(ann, ticks(6, 7, 9));
  expect(told.of(ann)).toBe(0);
  expect([...told.all()]).toEqual([]);
  told.begin(ann, 6);
  expect(told.of(ann)).toBe(7);
  told.begin(ann, 100);
  expect([...told.all()]).toEqual([[ann, 7]]);
});

test('a sweep fills what nobody told', () => {
  const told = createToldPositions();
  told.came(ann);
  told.begin(ann, 1);
  told.note(ann, ticks(4, 5, 7));
  told.raise(ann, 3);
  expect(told.of(ann)).toBe(5);
  told.left(ann);
  expect(told.of(ann)).toBe(0);
});
