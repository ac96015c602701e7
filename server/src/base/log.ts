import { pino, type Logger } from 'pino';

export type Log = Logger;

/**
 * Structured lines on standard output: constant text plus fields. The redactions are a second net; the
 * rule is that message texts, tokens and addresses are never passed to a logger at all.
 */
export function createLog(level: string): Log {
  return pino({
    level,
    base: null,
    redact: ['text', 'token', 'password', 'email', '*.text', '*.token', '*.password', '*.email'],
  });
}

/** For tests: says nothing. */
export function silentLog(): Log {
  return pino({ level: 'silent' });
}
