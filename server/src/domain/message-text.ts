import { countChars, limits } from '@aside/protocol';

export type TextVerdict = 'ok' | 'empty' | 'too_long' | 'not_text';

/**
 * Judges the text of a message: at least one visible character, at most 10,000 code points, and storable,
 * that is without NUL and without half surrogate pairs. Nothing is trimmed or changed: what was sent is what arrives.
 */
export function judgeText(text: string): TextVerdict {
  if (!isStorable(text)) return 'not_text';
  // Two code units are one code point at most, so this spares counting what is far too long.
  if (text.length > limits.messageMaxChars * 2) return 'too_long';
  if (countChars(text) > limits.messageMaxChars) return 'too_long';
  return invisible.test(text) ? 'empty' : 'ok';
}

// White space, control and format characters (zero-width ones, direction marks) and the blank-looking letters.
const invisible = /^[\s\p{Cc}\p{Cf}\p{Zs}\u115f\u1160\u3164\uffa0\u2800]*$/u;

/** True when PostgreSQL and every JSON reader take the string: no NUL, no lone surrogate. */
export function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}
