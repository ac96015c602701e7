import { describe, expect, test } from 'vitest';
import { stopWords } from '@aside/protocol';
import { isStopWord } from './stop-word.ts';

describe('a word that asks to be left alone is heard', () => {
  test.each([
    'stop',
    'STOP',
    'Stop.',
    '"STOP"',
    '  stop\n',
    'stop!!',
    'Stop 🛑',
    '**stop**',
    '(stop)',
    'ＳＴＯＰ!!',
    's t o p',
    'S.T.O.P.',
    'ѕтор',
    'ЅТОР',
    's\u200bt\u200bop',
    '\ufeffstop',
    'sᴛᴏᴘ',
    '🆂🆃🅾🅿',
    'opt out',
    'opt-out',
    'OptOut',
    'Opt  Out!',
    'unsubscribe',
    'Unsubscribe.',
    'END',
    'quit',
    'cancel',
    'Stopp',
    'ABMELDEN',
    'abbestellen!',
    'kündigen',
    'Kündigen',
    'kundigen',
    'Keine Werbung!',
    'désabonner',
    'desabonner',
    'СТОП',
    'rezygnuje',
    'İptal',
  ])('%j', (text) => expect(isStopWord(text)).toBe(true));

  test('every word of the list, as it is written and in capitals', () => {
    for (const word of Object.values(stopWords).flat()) {
      expect([word, isStopWord(word), isStopWord(word.toUpperCase())]).toEqual([word, true, true]);
    }
  });
});

describe('a sentence with such a word in it is a sentence', () => {
  test.each([
    'stop it',
    'please stop calling me Susi',
    'ok stop by at 5',
    "don't stop",
    'the end',
    'bus stop',
    'stop 2',
    'stop https://example.com',
    'stops',
    'ending',
    'friend',
    'weekend',
    'cancel my order 4412',
    'stop stop',
    'nonstop',
    'fine',
    'Ende gut, alles gut',
    'quit smoking',
    '',
    '!!!',
    '🛑',
    '0',
    'st0p',
  ])('%j', (text) => expect(isStopWord(text)).toBe(false));
});
