import { pino, type DestinationStream, type Logger } from 'pino';

export type Log = Logger;

/**
 * Structured lines on standard output: constant text plus fields. The redactions are a second net; the
 * rule is that message texts, tokens and addresses are never passed to a logger at all.
 */
export function createLog(level: string, destination?: DestinationStream): Log {
  const options = {
    level,
    base: null,
    redact: ['text', 'token', 'password', 'email', '*.text', '*.token', '*.password', '*.email'],
    serializers: { err: (error: unknown) => describeError(error) },
  };
  return destination ? pino(options, destination) : pino(options);
}

/** For tests: says nothing. */
export function silentLog(): Log {
  return pino({ level: 'silent' });
}

const causesMax = 4;

/**
 * What of an error goes into a log: type, code, message and stack. PostgreSQL quotes values of rows in message,
 * detail, where and hint, so of its errors only the names and places are kept.
 */
function describeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return { type: typeof error };
  const { code, constraint, table, routine, severity } = error as Error & Record<string, unknown>;
  const isFromDatabase = typeof routine === 'string' || typeof severity === 'string';
  const what = isFromDatabase ? { constraint, table, routine } : { message: error.message };
  const hasCause = error.cause !== undefined && depth < causesMax;
  return {
    type: error.constructor.name,
    code,
    ...what,
    stack: framesOf(error),
    ...(hasCause ? { cause: describeError(error.cause, depth + 1) } : {}),
  };
}

/** The stack without the message that it repeats, which may have several lines, some like those of a stack. */
function framesOf({ stack = '', message }: Error): string {
  const start = stack.indexOf(message);
  const lines = stack.slice(start < 0 ? 0 : start + message.length).split('\n');
  return lines.filter((line) => /^ {4}at /.test(line)).join('\n');
}
