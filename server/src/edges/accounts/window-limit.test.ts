import { expect, test } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import { addressKey, createWindowLimit } from './window-limit.ts';

test('so many attempts pass in a window, then none until it closes', () => {
  const clock = systemClock(true);
  const limit = createWindowLimit({ clock, max: 2, windowMs: 1_000 });
  expect([limit.begin('a').allowed, limit.begin('a').allowed]).toEqual([true, true]);
  const refused = limit.begin('a');
  expect(refused.allowed).toBe(false);
  expect(!refused.allowed && refused.retryAfterMs).toBeGreaterThan(900);
  expect(limit.begin('b').allowed).toBe(true);
  clock.advance(1_000);
  expect(limit.begin('a').allowed).toBe(true);
});

test('a success forgets what was before, a void attempt does not count', () => {
  const limit = createWindowLimit({ clock: systemClock(), max: 2, windowMs: 60_000 });
  const settle = (outcome: 'succeeded' | 'void'): void => {
    const attempt = limit.begin('a');
    if (attempt.allowed) attempt.settle(outcome);
  };
  for (let n = 0; n < 5; n += 1) settle('void');
  limit.begin('a');
  settle('succeeded');
  expect([limit.begin('a').allowed, limit.begin('a').allowed, limit.begin('a').allowed]).toEqual([
    true,
    true,
    false,
  ]);
});

test('an IPv4 address is itself, an IPv6 address its /64', () => {
  expect(addressKey('10.1.2.3')).toBe('10.1.2.3');
  expect(addressKey('::ffff:10.1.2.3')).toBe('10.1.2.3');
  expect(addressKey('2001:db8:0:7:1:2:3:4')).toBe('2001:db8:0:7');
  expect(addressKey('2001:DB8:0:7::9')).toBe('2001:db8:0:7');
  expect(addressKey('2001:db8::1')).toBe('2001:db8:0:0');
  expect(addressKey('::1')).toBe('0:0:0:0');
  expect(addressKey('fe80::1%eth0')).toBe('fe80:0:0:0');
});
