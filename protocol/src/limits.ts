/** Limits that both sides must know before a message is sent. Lengths of text are in code points unless the name says otherwise. */
export const limits = {
  /** A message in an accepted conversation. */
  messageMaxChars: 10_000,
  /** A first message, in characters as a reader counts them (grapheme clusters) and in code points. */
  firstMessageMaxGraphemes: 280,
  firstMessageMaxChars: 2_000,
  /** Requests decided in one call. */
  requestsMax: 200,
  /** “Sent near-identical text to about N people” is shown from here on. */
  similarShownFrom: 5,
  /** One HTTP body or one socket frame; 10,000 code points of four bytes each fit, escaped ones too. */
  bodyMaxBytes: 256 * 1024,
  nameMaxChars: 50,
  bioMaxChars: 500,
  websiteMaxChars: 200,
  usernameMinChars: 3,
  usernameMaxChars: 30,
  passwordMinChars: 8,
  passwordMaxChars: 128,
  reportReasonMaxChars: 1_000,
  reportMessagesMax: 50,
  searchMaxChars: 60,
  searchResultsMax: 20,
  pageDefault: 50,
  pageMax: 200,
  operatorBatchMax: 1_000,
  keysPerPersonMax: 50,
} as const;

/** What a username may look like once lower-cased; the same rule everywhere a name is typed. */
export const usernamePattern = '^[a-z0-9_.]{3,30}$';

/** Length in code points, the unit of every `…MaxChars` above; an emoji of several code points counts each. */
export function countChars(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });

/** Length in grapheme clusters, counted no further than `stopAt` because counting them is slow. */
export function countGraphemes(text: string, stopAt: number): number {
  let count = 0;
  for (const _ of graphemes.segment(text)) {
    count += 1;
    if (count >= stopAt) break;
  }
  return count;
}
