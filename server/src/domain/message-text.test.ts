import { describe, expect, test } from 'vitest';
import { isStorable, judgeText } from './message-text.ts';

describe('text that people write is taken as it is', () => {
  test.each([
    ['plain', 'Hello'],
    ['one letter', 'k'],
    ['an emoji', '😀'],
    ['a family of four, joined by zero-width joiners', '👨‍👩‍👧‍👦'],
    ['a skin tone', '👋🏽'],
    ['a flag', '🇦🇹'],
    ['a flag of tags', '🏴󠁧󠁢󠁳󠁣󠁴󠁿'],
    ['a keycap', '1️⃣'],
    ['a heart with a variation selector', '❤️'],
    ['Arabic', 'مرحبا بالعالم'],
    ['Hebrew beside Latin, with marks of direction', '\u200fשלום\u200e ok'],
    ['Devanagari', 'नमस्ते'],
    ['combining marks on a letter', 'Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢'],
    ['a lone accent, which shows on a circle', '\u0301'],
    ['white space around words', '  \n hi \t '],
    ['markup', '<script>alert(1)</script>'],
    ['a character beyond Unicode 3', '𐍈'],
    ['a private character', '\uf8ff'],
    ['the replacement character', '\ufffd'],
  ])('%s', (_, text) => expect(judgeText(text)).toBe('ok'));
});

describe('text in which nothing can be seen is empty', () => {
  test.each([
    ['nothing', ''],
    ['white space', ' \t\r\n\u00a0\u2003\u3000\u2028\u2029'],
    ['zero-width spaces', '\u200b\u200b'],
    ['joiners', '\u200c\u200d\u2060'],
    ['marks and overrides of direction', '\u200e\u200f\u202e\u2066\u2069'],
    ['a byte order mark', '\ufeff'],
    ['soft hyphens', '\u00ad\u00ad'],
    ['control characters', '\u0001\u0007\u007f\u0085'],
    ['Hangul fillers', '\u115f\u1160\u3164\uffa0'],
    ['a Braille blank', '\u2800'],
    ['variation selectors alone', '\ufe0f\ufe0e\u{e0100}'],
    ['a combining grapheme joiner', '\u034f'],
    ['Mongolian selectors', '\u180b\u180e'],
    ['tags without a flag', '\u{e0067}\u{e007f}'],
  ])('%s', (_, text) => expect(judgeText(text)).toBe('empty'));
});

describe('ten thousand code points are the limit', () => {
  test.each([
    ['Latin letters', 'a'],
    ['letters of two units', '𐍈'],
    ['emoji of two units', '😀'],
    ['letters of three bytes', '字'],
  ])('counted in %s', (_, one) => {
    expect(judgeText(one.repeat(10_000))).toBe('ok');
    expect(judgeText(one.repeat(10_001))).toBe('too_long');
  });

  test('a joined emoji counts each of its code points', () => {
    const family = '👨‍👩‍👧‍👦';
    expect(judgeText(family.repeat(1_428))).toBe('ok');
    expect(judgeText(family.repeat(1_429))).toBe('too_long');
  });

  test('too much of nothing is too long, not empty', () => {
    expect(judgeText(' '.repeat(10_001))).toBe('too_long');
    expect(judgeText(' '.repeat(10_000))).toBe('empty');
  });
});

describe('what PostgreSQL cannot keep is not text', () => {
  test.each([
    ['a NUL', 'a\0b'],
    ['a first half alone', 'a\ud83d'],
    ['a second half alone', '\ude00b'],
    ['halves in the wrong order', '\ude00\ud83d'],
    ['a NUL in much too long a text', `${'x'.repeat(50_000)}\0`],
  ])('%s', (_, text) => {
    expect(isStorable(text)).toBe(false);
    expect(judgeText(text)).toBe('not_text');
  });

  test('a whole pair is storable', () => expect(isStorable('\ud83d\ude00')).toBe(true));
});
