import { expect, test } from 'vitest';
import { splitLinks } from './split-links.ts';

const hrefs = (text: string) => splitLinks(text).flatMap((part) => part.href ?? []);

test('web and mail addresses become links, a bare host over https', () => {
  expect(hrefs('see https://example.org/a?b=1, www.example.org or sara@example.org.')).toEqual([
    'https://example.org/a?b=1',
    'https://www.example.org',
    'mailto:sara@example.org',
  ]);
});

test('no other scheme ever becomes a link', () => {
  for (const text of [
    'javascript:alert(1)',
    'data:text/html,x',
    'ftp://example.org',
    'file:///etc',
    '//example.org/x',
  ]) {
    expect(hrefs(text).every((href) => /^(https?|mailto):/.test(href))).toBe(true);
  }
  expect(hrefs('javascript:alert(1)')).toEqual([]);
});

test('the parts joined are the text', () => {
  const text = 'a <b>https://example.org</b> שלום https://例え.テスト 👩‍👩‍👧';
  expect(
    splitLinks(text)
      .map((part) => part.text)
      .join(''),
  ).toBe(text);
});
