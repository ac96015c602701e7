import { stopWords } from '@aside/protocol';
import { foldText } from './fold-text.ts';

/**
 * True when the whole text is a word by which people ask to be left alone, in any language of `stopWords`. Case,
 * width, accents, punctuation, emoji, white space, invisible characters and look-alike letters do not matter, so
 * `s t o p` and `opt-out` count. A digit or another word makes it a sentence: `stop it` is said to a friend.
 * Whether the word has an effect is for the caller to decide, by the message it answers.
 */
export function isStopWord(text: string): boolean {
  return folded.has(lettersOf(text));
}

const folded: ReadonlySet<string> = new Set(Object.values(stopWords).flat().map(lettersOf));

/** Letters and digits alone: digits stay so that they are seen. */
function lettersOf(text: string): string {
  return foldText(text).replace(/[^\p{L}\p{N}]+/gu, '');
}
