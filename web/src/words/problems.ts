import { en } from './en.ts';
import type { Key, Words } from './words.ts';

// Turns a refusal or failure into the sentence a person reads.

interface ProblemLike {
  code: string;
  detail: string;
  retryAfterMs?: number;
  until?: string;
}

/** The sentence for a code we know, else the server's own, and how long to wait where that is known. */
export function problemSentence(words: Words, problem: ProblemLike): string {
  const sentence =
    ownSentence(words, problem.detail) ??
    codeSentence(words, problem.code) ??
    words.t('error.unknown');
  if (problem.retryAfterMs === undefined) return sentence;
  return `${sentence} ${words.t('error.wait', { count: Math.ceil(problem.retryAfterMs / 1000) })}`;
}

/** The net names some causes more closely than their code does; those sentences are in the catalogue too. */
function ownSentence(words: Words, detail: string): string | null {
  if (detail === '') return null;
  for (const [key, sentence] of Object.entries(en)) {
    if (key.startsWith('cause.') && sentence === detail) return words.t(key as CauseKey);
  }
  return null;
}

type CauseKey = Extract<Key, `cause.${string}`>;

export function codeSentence(words: Words, code: string): string | null {
  const key = `error.${code}`;
  return isPlainKey(key) ? words.t(key) : null;
}

/** What to do about a refusal. */
export function remedySentence(words: Words, code: string): string | null {
  const key = `remedy.${code}`;
  return isPlainKey(key) ? words.t(key) : null;
}

/** What to do about a problem, and from when on it is possible again; a wait in seconds is in its sentence already. */
export function problemRemedy(words: Words, problem: ProblemLike): string | null {
  if (problem.retryAfterMs !== undefined) return null;
  return withUntil(words, remedySentence(words, problem.code), problem.until);
}

/** What to do where somebody cannot be written to. */
export function contactRemedy(words: Words, contact: ContactLike): string | null {
  return withUntil(words, remedySentence(words, contact.code ?? ''), contact.until);
}

function withUntil(words: Words, remedy: string | null, until: string | undefined): string | null {
  if (until === undefined) return remedy;
  const sentence = words.t('error.until', { date: words.until(until) });
  return remedy === null ? sentence : `${remedy} ${sentence}`;
}

interface ContactLike {
  code?: string;
  until?: string;
}

type PlainKey = Exclude<
  Extract<Key, `error.${string}` | `remedy.${string}`>,
  'error.wait' | 'error.until'
>;

function isPlainKey(key: string): key is PlainKey {
  return key in en && key !== 'error.wait' && key !== 'error.until';
}
