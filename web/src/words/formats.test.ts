import { expect, test } from 'vitest';
import { createFormats } from './formats.ts';

test('how long ago is said in months within a year, and then in years as the calendar counts them', () => {
  const now = new Date(2026, 10, 22);
  const ago = (locale: string, ...date: [number, number, number]) =>
    createFormats(locale).distance(new Date(...date).toISOString(), now);
  expect(ago('en', 2026, 10, 21)).toBe('yesterday');
  expect(ago('en', 2026, 10, 2)).toBe('20 days ago');
  expect(ago('en', 2026, 0, 10)).toBe('10 months ago');
  expect(ago('en', 2025, 9, 1)).toBe('last year');
  expect(ago('en', 2025, 0, 20)).toBe('last year');
  expect(ago('en', 2024, 11, 20)).toBe('2 years ago');
  expect(ago('en', 2023, 9, 1)).toBe('3 years ago');
  expect(ago('de', 2025, 9, 1)).toBe('letztes Jahr');
});
