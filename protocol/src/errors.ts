/**
 * Every refusal the API can give: its HTTP status, a title, and the sentence a person reads. One entry
 * serves HTTP problems, socket frames, docs/errors and the page; a code that is not listed here cannot be sent.
 */
export const errorCatalogue = {
  invalid: {
    status: 400,
    title: 'Not understood',
    detail: 'Something in this request is missing or has the wrong form.',
    remedy: 'Correct the field that the detail names and send it again.',
  },
  empty: {
    status: 400,
    title: 'Nothing to send',
    detail: 'A message needs at least one visible character.',
    remedy: 'Write something and send it again.',
  },
  unauthenticated: {
    status: 401,
    title: 'Not signed in',
    detail: 'Sign in to do this.',
    remedy: 'Sign in, then send the request with the session cookie or the bearer token.',
  },
  not_accepting: {
    status: 403,
    title: 'Not accepting messages from you',
    detail: 'This person does not receive messages from you at the moment.',
    remedy: 'They can change that, by writing to you first or in their settings.',
  },
  you_blocked: {
    status: 403,
    title: 'You blocked this person',
    detail: 'You blocked this person, so no messages go either way.',
    remedy: 'Unblock them first if you want to write.',
  },
  wrong_origin: {
    status: 403,
    title: 'Wrong origin',
    detail: 'This request came from another site.',
    remedy: 'Open Aside itself; a program uses a bearer token instead of the cookie.',
  },
  not_found: {
    status: 404,
    title: 'Not found',
    detail: 'There is nothing here for you.',
    remedy: 'Check the name or id. Things that exist but are not yours answer the same.',
  },
  recipient_gone: {
    status: 410,
    title: 'Account deleted',
    detail: 'This account was deleted and can no longer receive messages.',
    remedy: 'Nothing more can be sent here; what was said stays with you.',
  },
  client_id_reused: {
    status: 409,
    title: 'Client id used before',
    detail: 'This client id was already used for a different message.',
    remedy: 'Give every new message a new client id; keep it only for retries of the same message.',
  },
  username_taken: {
    status: 409,
    title: 'Username taken',
    detail: 'This username belongs to somebody, or did once.',
    remedy: 'Choose another username.',
  },
  too_large: {
    status: 413,
    title: 'Too large',
    detail: 'This request is larger than the server accepts.',
    remedy: 'Send less at once; a message holds up to 10,000 characters.',
  },
  too_long: {
    status: 422,
    title: 'Too long',
    detail: 'A message holds up to 10,000 characters.',
    remedy: 'Shorten it, or send it in parts.',
  },
  unsupported: {
    status: 415,
    title: 'Format not supported',
    detail: 'The body must be JSON with content-type application/json.',
    remedy: 'Send JSON in UTF-8.',
  },
  rate_limited: {
    status: 429,
    title: 'Too fast',
    detail: 'That was too much at once.',
    remedy: 'Wait for the time named in Retry-After, then go on.',
  },
  internal: {
    status: 500,
    title: 'Our mistake',
    detail: 'Something went wrong on our side. Nothing you wrote was lost.',
    remedy: 'Try again; if it stays, tell the operator the request id.',
  },
  overloaded: {
    status: 503,
    title: 'Busy',
    detail: 'The server is busy just now.',
    remedy: 'Try again after the time named in Retry-After; the same client id makes that safe.',
  },
} as const satisfies Record<string, ErrorEntry>;

interface ErrorEntry {
  status: number;
  title: string;
  detail: string;
  remedy: string;
}

export type ErrorCode = keyof typeof errorCatalogue;

/** The body of every refusal over HTTP (RFC 9457, application/problem+json). */
export interface Problem {
  /** A relative reference to the page that explains the code. */
  type: string;
  title: string;
  status: number;
  /** One or two sentences fit for the person who caused it. */
  detail: string;
  code: ErrorCode;
  /** With rate_limited and overloaded: whole seconds, the same as the Retry-After header. */
  retryAfterSeconds?: number;
}
