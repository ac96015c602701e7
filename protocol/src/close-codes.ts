/** Why the server closes a socket; the page decides by `then` alone. */
export const closeCodes = {
  goingAway: { code: 1001, then: 'reconnect', meaning: 'The server stops or restarts.' },
  tooBig: { code: 1009, then: 'stop', meaning: 'A frame was larger than the server accepts.' },
  badFrame: { code: 4400, then: 'stop', meaning: 'The first frame was not a hello.' },
  signInAgain: { code: 4401, then: 'sign-in', meaning: 'No session, or it has ended.' },
  helloTimeout: { code: 4408, then: 'reconnect', meaning: 'No hello came in time.' },
  tooSlow: {
    code: 4413,
    then: 'reconnect',
    meaning: 'The socket read too slowly; catch up by pos.',
  },
  malformed: {
    code: 1002,
    then: 'stop',
    meaning: 'What came was no frame as RFC 6455 has them, or a compressed one.',
  },
  tooManyPieces: { code: 1008, then: 'stop', meaning: 'A frame came in too many pieces.' },
  notText: { code: 1007, then: 'stop', meaning: 'A frame was not UTF-8 text.' },
  renew: {
    code: 4402,
    then: 'reconnect',
    meaning: 'What this socket began with has changed or run out; say hello again.',
  },
  tooManySockets: {
    code: 4409,
    then: 'stop',
    meaning: 'This person opened more sockets than one may hold; this one was the oldest.',
  },
  tooMany: { code: 4429, then: 'reconnect', meaning: 'Too many frames at once.' },
} as const;
export type CloseReason = keyof typeof closeCodes;
