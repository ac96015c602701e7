import { countChars, limits } from '@aside/protocol';
import { isStorable, isVisible } from './message-text.ts';

export type NameVerdict =
  | { outcome: 'ok'; name: string }
  | { outcome: 'refused'; sentence: string };

/**
 * Judges a display name, the same wherever one is given: without the white space around it, 1 to 50 code points,
 * something visible, storable. Control characters and line breaks could fake a second line; bidi overrides and
 * isolates turn the text that follows the name.
 */
export function judgeName(text: string): NameVerdict {
  const name = text.trim();
  if (!isStorable(name) || misleading.test(name)) {
    return refused('A name cannot hold line breaks, control characters or turned text.');
  }
  if (!isVisible(name)) return refused('A name needs at least one visible character.');
  // Two code units are one code point at most, so this spares counting what is far too long.
  if (name.length > limits.nameMaxChars * 2 || countChars(name) > limits.nameMaxChars) {
    return refused(`A name has 1 to ${limits.nameMaxChars} characters.`);
  }
  return { outcome: 'ok', name };
}

const misleading = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

function refused(sentence: string): NameVerdict {
  return { outcome: 'refused', sentence };
}
