import { describe, expect, test } from 'vitest';
import { findLinks, hasLink, linkHosts, spellOut } from './links.ts';

describe('what a person would call a link is one', () => {
  test.each([
    ['see https://example.com/a?b=c#d now', 'https://example.com/a?b=c#d', 'example.com'],
    ['HTTP://EXAMPLE.COM', 'HTTP://EXAMPLE.COM', 'example.com'],
    ['www.example.com', 'www.example.com', 'www.example.com'],
    ['www.brand-new.zzz', 'www.brand-new.zzz', 'www.brand-new.zzz'],
    ['look: bit.ly/x', 'bit.ly/x', 'bit.ly'],
    ['on example.co.uk.', 'example.co.uk', 'example.co.uk'],
    ['orf.at hat es', 'orf.at', 'orf.at'],
    ['x.com', 'x.com', 'x.com'],
    ['http://localhost:8080/a', 'http://localhost:8080/a', 'localhost'],
    ['http://192.0.2.7/a', 'http://192.0.2.7/a', '192.0.2.7'],
    ['192.0.2.7:80/win', '192.0.2.7:80/win', '192.0.2.7'],
    ['http://[2001:db8::1]/a', 'http://[2001:db8::1]/a', '[2001:db8::1]'],
    ['bücher.de', 'bücher.de', 'xn--bcher-kva.de'],
    ['https://пример.рф/я', 'https://пример.рф/я', 'xn--e1afmkfd.xn--p1ai'],
    ['看bit.ly/x。谢谢', 'bit.ly/x', 'bit.ly'],
    ['bit.ly.Thanks', 'bit.ly', 'bit.ly'],
  ])('%s', (text, link, host) => {
    const [found, ...more] = findLinks(text);
    expect(more).toEqual([]);
    expect(found).toMatchObject({ text: link, host });
    expect(text.slice(found!.start, found!.end)).toBe(link);
  });
});

describe('what only looks like a link is none', () => {
  test.each([
    ['abbreviations', 'e.g. i.e. a.m. U.S.A. z.B. Ph.D.'],
    ['numbers', '3.14 1.000.000 10.30 v2.0.1 192.0.2.7'],
    ['files', 'file.txt README.md photo.jpeg main.py setup.sh films.zip'],
    ['a missing space', 'Ok.See you. Ok.So what.Nothing'],
    ['dots that trail off', 'wait...me and so..it goes'],
    ['an e-mail address', 'john.doe@mail.com mailto:joe@example.org me.com@example.org'],
    ['a scheme alone', 'http:// https: www.'],
    ['a sentence in Chinese', '你好。我爱你。再见'],
    ['names in a program', 'user.name console.log(x.length)'],
  ])('%s', (_, text) => expect(findLinks(text)).toEqual([]));
});

describe('a disguise changes nothing about the host', () => {
  test.each([
    ['full width', 'ｈｔｔｐｓ：／／ｅｖｉｌ．ｃｏｍ／ａ'],
    ['an ideographic full stop', 'evil。com/a'],
    ['a half-width ideographic full stop', 'evil｡com/a'],
    ['a one-dot leader', 'evil․com/a'],
    ['bold letters', '𝗲𝘃𝗶𝗹.𝗰𝗼𝗺/a'],
    ['a zero-width space', 'ev\u200bil.c\u200dom/a'],
    ['a byte order mark', 'evil.\ufeffcom/a'],
    ['a soft hyphen', 'https://ev\u00adil.com/a'],
    ['a direction override', '\u202ehttps://evil.com/a'],
    ['credentials', 'https://bank.com@evil.com/a'],
    ['a login and a password', 'https://www.bank.com:login@evil.com/a'],
    ['backslashes', 'https:\\\\evil.com\\a'],
    ['a percent-encoded letter', 'https://%65vil.com/a'],
    ['a scheme written twice', 'http://http://evil.com/a'],
    ['a login without a scheme', 'bank.com@evil.com/a'],
  ])('%s', (_, text) => expect(linkHosts(text)).toEqual(['evil.com']));

  test('look-alike letters give another host, shown as what it is', () => {
    const [link] = findLinks('https://аpple.com');
    expect(link!.host).toBe('xn--pple-43d.com');
    expect(spellOut(link!)).toBe('https://xn--pple-43d.com');
  });
});

describe('punctuation around a link is not part of it', () => {
  test.each([
    ['(see https://example.com/a).', 'https://example.com/a'],
    ['"https://example.com/a", she said', 'https://example.com/a'],
    ['<https://example.com>', 'https://example.com'],
    ['https://example.com/Aside_(film)!', 'https://example.com/Aside_(film)'],
    ['(https://example.com/Aside_(film))', 'https://example.com/Aside_(film)'],
    ['**https://example.com/a**', 'https://example.com/a'],
    ['have you seen bit.ly?', 'bit.ly'],
    ['「https://example.com/a」', 'https://example.com/a'],
  ])('%s', (text, link) => expect(findLinks(text).map((one) => one.text)).toEqual([link]));
});

test('every link of a text is found, in order', () => {
  const text = 'http://b.com,http://a.com 看x.com谢谢看y.com/ü';
  expect(findLinks(text).map((link) => link.host)).toEqual(['b.com', 'a.com', 'x.com', 'y.com']);
  expect(linkHosts(`${text} and a.com again`)).toEqual(['a.com', 'b.com', 'x.com', 'y.com']);
  expect(hasLink(text)).toBe(true);
  expect(hasLink('no link at all')).toBe(false);
});

test('an address without a scheme is opened over https', () => {
  expect(findLinks('bit.ly/x www.example.com').map((link) => link.href)).toEqual([
    'https://bit.ly/x',
    'https://www.example.com/',
  ]);
});

test('an address spelled out hides nothing', () => {
  const shown = (text: string): string[] => findLinks(text).map(spellOut);
  expect(shown('https://bank.com@bücher.de/p\u200bath?q=ä')).toEqual([
    'https://xn--bcher-kva.de/path?q=%C3%A4',
  ]);
  expect(shown('bit.ly')).toEqual(['https://bit.ly']);
});

const pieces = [
  'a|a.|a.md.|.com.|a.com..|a.md,|a@|a.com@|@a.com|a.xn--0/|http://|http://a@|http://%|http:/|a.com/(',
  '看a.com|bit.ly看|。|ü.de,|\u200b.|a\u200b.com|🎉.|a.com:1|www.|-.|_',
].flatMap((line) => line.split('|'));

// Fifty times the longest message: whatever tries again from each character would not come to an end.
describe('a hostile text costs no more than its length', () => {
  test.each(pieces)('%j over and over', (piece) => {
    const text = piece.repeat(Math.floor(500_000 / piece.length));
    const links = findLinks(text);
    expect(links.every((link, i) => i === 0 || link.start >= links[i - 1]!.end)).toBe(true);
    expect(links.every((link) => link.host.length <= 253)).toBe(true);
  });
});
