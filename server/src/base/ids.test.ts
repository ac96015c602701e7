import { describe, expect, test } from 'vitest';
import type { Clock } from './clock.ts';
import { compareIds, idSource, isId } from './ids.ts';

function handClock(now: number): Clock & { at: number } {
  return {
    at: now,
    now() {
      return this.at;
    },
    advance(ms) {
      this.at += ms;
    },
  };
}

test('ids are unique and ascend, also many in one millisecond and over a clock that steps back', () => {
  const clock = handClock(Date.UTC(2026, 10, 22));
  const ids = idSource(clock, () => 1023);
  const made: string[] = [];
  for (let i = 0; i < 10_000; i += 1) made.push(ids.next());
  clock.at += 1;
  for (let i = 0; i < 10; i += 1) made.push(ids.next());
  clock.at -= 60_000;
  for (let i = 0; i < 10; i += 1) made.push(ids.next());
  clock.at += 120_000;
  made.push(ids.next());
  expect(new Set(made).size).toBe(made.length);
  for (let i = 1; i < made.length; i += 1)
    expect(compareIds(made[i - 1]!, made[i]!)).toBeLessThan(0);
  expect(made.every(isId)).toBe(true);
});

test('two nodes never make the same id, whatever their clocks say', () => {
  const clock = handClock(Date.UTC(2026, 10, 22));
  const [one, other] = [idSource(clock, () => 0), idSource(clock, () => 1)];
  const made = Array.from({ length: 3_000 }, () => [one.next(), other.next()]).flat();
  expect(new Set(made).size).toBe(made.length);
});

test('ids last until the year 2095', () => {
  const ids = idSource(handClock(Date.UTC(2095, 0, 1)), () => 1023);
  expect(isId(ids.next())).toBe(true);
});

describe('an id is a positive number that a bigint holds, written in one way only', () => {
  test.each(['1', '9', '10', '9007199254740993', '9223372036854775807'])('%s is one', (text) =>
    expect(isId(text)).toBe(true),
  );
  test.each([
    '',
    '0',
    '-1',
    '+1',
    '01',
    '1.0',
    '1e3',
    ' 1',
    '1\n',
    '0x10',
    '١',
    '9223372036854775808',
    '9999999999999999999',
    `1${'0'.repeat(30)}`,
  ])('%j is none', (text) => expect(isId(text)).toBe(false));
});

test('ids are ordered by number, not by letters', () => {
  const sorted = ['10', '9', '9223372036854775807', '1', '11'].sort(compareIds);
  expect(sorted).toEqual(['1', '9', '10', '11', '9223372036854775807']);
  expect(compareIds('42', '42')).toBe(0);
});
