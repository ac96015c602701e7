import { afterEach, expect, test, vi } from 'vitest';
import { systemClock } from './clock.ts';

afterEach(() => void vi.useRealTimers());

test('the clock follows the machine', () => {
  vi.useFakeTimers({ now: 1_000_000 });
  const clock = systemClock();
  expect(clock.now()).toBe(1_000_000);
  vi.setSystemTime(1_000_500);
  expect(clock.now()).toBe(1_000_500);
});

test('the clock stands still while the machine’s steps back', () => {
  vi.useFakeTimers({ now: 1_000_000 });
  const clock = systemClock();
  clock.now();
  vi.setSystemTime(400_000);
  expect(clock.now()).toBe(1_000_000);
  vi.setSystemTime(1_000_001);
  expect(clock.now()).toBe(1_000_001);
});

test('only a clock that was made movable can be moved', () => {
  vi.useFakeTimers({ now: 1_000_000 });
  const movable = systemClock(true);
  movable.advance(86_400_000);
  expect(movable.now()).toBe(87_400_000);
  const fixed = systemClock();
  expect(() => fixed.advance(1)).toThrow('cannot be moved');
  expect(fixed.now()).toBe(1_000_000);
});
