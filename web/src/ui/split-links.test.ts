import { linkHosts } from '@aside/protocol';
import { expect, test } from 'vitest';
import { splitLinks } from './split-links.ts';

const hrefs = (text: string) => splitLinks(text).flatMap((part) => part.href ?? []);

test('web and mail addresses become links, a bare host over https', () => {
  expect(hrefs('see https://example.org/a?b=1, www.example.org or sara@example.org.')).toEqual([
    'https://example.org/a?b=1',
    'https://www.example.org/',
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

test('no web address is live that the rules of the server did not see', () => {
  for (const text of [
    'read example.notatld and a.b.c now',
    'http://user:password@evil.example/x',
    'sara@example.org/path',
    'ｅｘａｍｐｌｅ．ｏｒｇ and exa\u200Bmple.org',
  ]) {
    const live = hrefs(text).filter((href) => href.startsWith('http'));
    expect([...new Set(live.map((href) => new URL(href).hostname))].toSorted()).toEqual(
      linkHosts(text),
    );
  }
});
