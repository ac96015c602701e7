import { expect, test } from 'vitest';
import { foldText, foldWithLinks } from './fold-text.ts';

test.each([
  ['capitals', 'STOP'],
  ['full width', 'ＳＴＯＰ'],
  ['Cyrillic letters', 'ѕтор'],
  ['Cyrillic capitals', 'ЅТОР'],
  ['small capitals', 'ꜱᴛᴏᴘ'],
  ['Lisu', 'ꓢꓔꓳꓑ'],
  ['letters in circles', 'Ⓢⓣⓞⓟ'],
  ['white letters in dark squares', '🆂🆃🅾🅿'],
  ['bold italic letters of mathematics', '𝙎𝙩𝙤𝙥'],
  ['accents', 'śţǒṗ'],
  ['zero-width characters', 's\u200bt\u200do\ufeffp\u2060'],
  ['variation selectors', 's\ufe0ft\ufe0fop'],
  ['strokes', 'sŧøp'],
])('%s fold to what a reader sees', (_, text) => expect(foldText(text)).toBe('stop'));

test.each(['привет мир', 'καλημέρα κόσμε', 'straßenbahn łódź', 'stop', 'ꮪꮤop'])(
  '%s in capitals folds as in small letters',
  (text) => expect(foldText(text.toUpperCase().replace('SS', 'ẞ'))).toBe(foldText(text)),
);

test('punctuation, digits and line breaks stay', () =>
  expect(foldText('20 % off!\nNow…')).toBe('20 % off!\nnow...'));

test('a link becomes the token, which nothing else can be', () =>
  expect(foldWithLinks('@Anna: see ｂｉｔ．ｌｙ／ｘ, or HTTPS://ΕVIL.com', '@')).toBe(
    'anna: see @, or @',
  ));
