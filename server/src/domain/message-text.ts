import { countChars, limits } from '@aside/protocol';

export type TextVerdict = 'ok' | 'empty' | 'too_long' | 'not_text';

/**
 * Judges the text of a message: at least one visible character, at most 10,000 code points, and storable,
 * that is without NUL and without half surrogate pairs. Nothing is trimmed or changed: what was sent is what arrives.
 */
export function judgeText(text: string): TextVerdict {
  if (!isStorable(text)) return 'not_text';
  // A code point is one or two code units, so only lengths in between need counting.
  if (text.length > limits.messageMaxChars * 2) return 'too_long';
  if (text.length > limits.messageMaxChars && countChars(text) > limits.messageMaxChars) {
    return 'too_long';
  }
  return isVisible(text) ? 'ok' : 'empty';
}

// White space, control and format characters, what Unicode says to draw as nothing (zero-width characters, lone
// variation selectors, Hangul fillers), and the Braille blank.
const invisible = /^[\s\p{Cc}\p{Cf}\p{Zs}\p{Default_Ignorable_Code_Point}\u2800]*$/u;

/** True when a reader would see something. */
export function isVisible(text: string): boolean {
  return !invisible.test(text);
}

/** True when PostgreSQL and every JSON reader take the string: no NUL, no lone surrogate. */
export function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}
