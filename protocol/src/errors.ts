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
  request_pending: {
    status: 403,
    title: 'Not accepted yet',
    detail: 'Your first message is there. One message until they answer.',
    remedy: 'Wait for an answer. Until then you can correct that message once.',
  },
  first_contact_too_long: {
    status: 422,
    title: 'Too long for a first message',
    detail: 'A first message holds up to 280 characters. There is room for more once they answer.',
    remedy: 'Say who you are and what it is about; keep the rest for later.',
  },
  opted_out: {
    status: 403,
    title: 'Opted out',
    detail: 'This person has stopped messages of this kind from you.',
    remedy: 'Only they can allow them again, by their own choice on their side.',
  },
  consent_required: {
    status: 403,
    title: 'Not asked for',
    detail: 'This person has not asked for messages of this kind from you.',
    remedy: 'They can allow them on your profile, or write to you first.',
  },
  await_reply: {
    status: 403,
    title: 'Wait for an answer',
    detail: 'An automated message waits for the answer of the person before the next one.',
    remedy: 'Wait until they write again, or let them allow this kind of message.',
  },
  bulk_needs_opt_in: {
    status: 403,
    title: 'The same text to many',
    detail: 'Near-identical first messages went to others, and too few of them answered.',
    remedy: 'Wait for answers or write something personal. To reach many, let them opt in first.',
  },
  slow_down: {
    status: 429,
    title: 'Too many unanswered first messages',
    detail: 'Many first messages of yours wait for an answer.',
    remedy: 'Wait for answers, or until the time named: then the oldest no longer counts.',
  },
  held: {
    status: 202,
    title: 'Waiting until you sign in again',
    detail:
      'A link that is new for you went to many people at once. This waits until you sign in again.',
    remedy:
      'Sign in again to let it go. If it was not you who sent it, take it back and change your password.',
  },
  edit_closed: {
    status: 403,
    title: 'Can no longer be changed',
    detail: 'This message can no longer be changed.',
    remedy: 'Write a new one that says what has changed.',
  },
  suspended: {
    status: 403,
    title: 'Account suspended',
    detail: 'The operator has suspended this account; it cannot send messages.',
    remedy: 'Ask the operator of this server why and for how long.',
  },
  session_required: {
    status: 403,
    title: 'Your own session needed',
    detail: 'An API key cannot do this; it is an act of the person themselves.',
    remedy: 'Sign in as the person and do it there.',
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
  /** With rate_limited, overloaded and slow_down: whole seconds, the same as the Retry-After header. */
  retryAfterSeconds?: number;
  /** With slow_down and bulk_needs_opt_in: when it will be possible again if nobody answers before. ISO 8601. */
  until?: string;
}
