import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ErrorCode, Problem } from '@aside/protocol';
import type { FastifyInstance } from 'fastify';
import { Refusal } from '../../base/refusal.ts';
import { problemOf } from './problems.ts';

// What arrives in a form that never becomes a request: answered in the same words as everything else.

/** Answers bytes that are no HTTP, too large or too slow; Node has given up on the connection by then. */
export function answerUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  hangUp(socket, problemOf(...(problems[error.code ?? ''] ?? unreadable)));
}

const unreadable = ['invalid', 'This is not a request that the server can read.'] as const;
const problems: Record<string, readonly [code: ErrorCode, detail: string]> = {
  HPE_HEADER_OVERFLOW: [
    'too_large',
    'The address or the headers are larger than the server accepts.',
  ],
  ERR_HTTP_REQUEST_TIMEOUT: ['invalid', 'The request did not arrive whole in time.'],
};

/** Answers and closes; who then neither reads nor closes is cut off, or would hold the connection for ever. */
export function hangUp(socket: Duplex, problem: Problem): void {
  socket.end(rawProblem(problem));
  const cut = setTimeout(() => socket.destroy(), lingerMs);
  cut.unref();
  socket.once('close', () => clearTimeout(cut));
}

const lingerMs = 1_000;

/** A problem as a whole HTTP answer, for a connection that has no reply object. */
function rawProblem(problem: Problem): string {
  const body = JSON.stringify(problem);
  const wait = problem.retryAfterSeconds;
  const retry = wait === undefined ? '' : `retry-after: ${wait}\r\n`;
  return (
    `HTTP/1.1 ${problem.status} ${problem.title}\r\ncontent-type: application/problem+json\r\n${retry}` +
    `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`
  );
}

/**
 * Takes JSON in UTF-8 and nothing else. Fastify's own parser replaces bytes that are no text without a word,
 * and takes text/plain, which a page of another site may send without being asked.
 */
export function takeJsonOnly(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, bytes, done) => {
    let text: string;
    try {
      text = utf8.decode(bytes as Buffer);
    } catch {
      return done(new Refusal('invalid', 'The body is not valid UTF-8.'));
    }
    return parse(request, text, done);
  });
}
