import { stopWords } from '@aside/protocol';
import { foldText } from './fold-text.ts';

/**
 * True when the whole text is a word by which people ask to be left alone, in any language of `stopWords`. Case,
 * width, accents, punctuation, emoji, white space, invisible characters and look-alike letters do not matter, so
 * `s t o p` and `opt-out` count. A digit or another word makes it a sentence: `stop it` is said to a friend.
 * Whether the word has an effect is for the caller to decide, by the message it answers.
 */
export function isStopWord(text: string): boolean {
  return !isSentence(text) && folded.has(lettersOf(text));
}

const folded: ReadonlySet<string> = new Set(Object.values(stopWords).flat().map(lettersOf));
const lettersMax = Math.max(...[...folded].map((word) => word.length));

/** True when the text has more plain letters and digits, which folding keeps, than any stop word; spares most folding. */
function isSentence(text: string): boolean {
  let letters = 0;
  for (let i = 0; i < text.length && letters <= lettersMax; i += 1) {
    const code = text.charCodeAt(i);
    const letter = code | 0x20;
    if ((letter >= 0x61 && letter <= 0x7a) || (code >= 0x30 && code <= 0x39)) letters += 1;
  }
  return letters > lettersMax;
}

/** Letters and digits alone: digits stay so that they are seen. */
function lettersOf(text: string): string {
  return foldText(text).replace(/[^\p{L}\p{N}]+/gu, '');
}
