// The wire contract without its validators: what the web client needs weighs nothing but types and small tables.
export { errorCatalogue } from './errors.ts';
export type { ErrorCode, Problem } from './errors.ts';
export { countChars, countGraphemes, limits, usernamePattern } from './limits.ts';
export { findLinks, hasLink, linkHosts, spellOut } from './links.ts';
export type { Link } from './links.ts';
export { stopWords } from './stop-words.ts';
export { grantWording } from './wordings.ts';
export { closeCodes } from './close-codes.ts';
export type { CloseReason } from './close-codes.ts';
export type { ClientFrame, ServerFrame, Tick } from './frames.ts';
export type * from './people.ts';
export type * from './conversations.ts';
export type * from './consent.ts';
export type {
  KeyBody,
  KeyView,
  NewKey,
  OperatorPerson,
  OperatorPersonAnswer,
  SessionView,
} from './accounts.ts';
