import { errorCatalogue as errors, type ErrorCode } from '@aside/protocol';

// Refusals take the sentence and the remedy of the API, so that page, docs and server say the same.

const codes = Object.keys(errors) as ErrorCode[];

export const enProblems = {
  ...taken('error', (code) => errors[code].detail),
  'error.offline': 'You are offline. Try again when you are connected.',
  'error.wrong_credentials': 'This does not match. Check what you typed.',
  'error.unknown': 'Something went wrong. Try again.',
  'error.wait': { one: 'Wait {count} second.', other: 'Wait {count} seconds.' },
  'error.until': 'Possible again on {date}.',
  ...taken('remedy', (code) => errors[code].remedy),
  'cause.wrong-password': 'That name and password do not belong together.',
  'cause.own-password': 'That is not your password.',
  'cause.wrong-code': 'That code is not right, or its time is over.',
  'cause.wrong-backup-code': 'That backup code is not right, or was used before.',
  'cause.too-late': 'Too much time has passed. Sign in again.',
  'cause.too-many-codes': 'Too many codes were wrong. Sign in again.',
  'cause.locked': 'Too many codes were wrong. Try again in a quarter of an hour.',
  'cause.email-known': 'There is an account with this e-mail address.',
  'cause.stale-link': 'This link was used before, or its time is over. Ask for a new one.',
  'cause.no-mail': 'This server cannot send e-mail.',
  'cause.unconfirmed': 'Confirm your e-mail address first.',
  'cause.factor-on': 'The second step is already on.',
  'cause.factor-off': 'The second step is not switched on.',
  'cause.not-fresh': 'Sign in again before you change this.',
} as const;

function taken<P extends 'error' | 'remedy'>(
  prefix: P,
  sentence: (code: ErrorCode) => string,
): Record<`${P}.${ErrorCode}`, string> {
  const entries = codes.map((code) => [`${prefix}.${code}`, sentence(code)]);
  return Object.fromEntries(entries) as Record<`${P}.${ErrorCode}`, string>;
}
