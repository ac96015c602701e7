import { expect, test } from 'vitest';
import { judgeName } from './person-name.ts';

test.each([
  ['Alice', 'Alice'],
  ['  Alice \n', 'Alice'],
  ['Ålice Ångström-Öz', 'Ålice Ångström-Öz'],
  ['👩‍👩‍👧', '👩‍👩‍👧'],
  ['אבג', 'אבג'],
  ['a', 'a'],
  ['😀'.repeat(50), '😀'.repeat(50)],
])('%j is a name', (text, name) => {
  expect(judgeName(text)).toEqual({ outcome: 'ok', name });
});

test.each([
  ['nothing', ''],
  ['white space', ' \t '],
  ['nothing visible', '\u200b\u2800'],
  ['51 characters', '😀'.repeat(51)],
  ['a line break', 'Alice\nadmin'],
  ['a line separator', 'Alice\u2028admin'],
  ['a control character', 'Al\u0007ice'],
  ['NUL', 'Al\0ice'],
  ['half a character', 'Al\ud800ice'],
  ['a right-to-left override', 'Alice\u202eecila'],
  ['an embedding', '\u202aAlice'],
  ['an isolate', '\u2066Alice\u2069'],
])('%s is not', (_, text) => {
  expect(judgeName(text)).toMatchObject({
    outcome: 'refused',
    sentence: expect.stringMatching(/\.$/),
  });
});
