import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { Refusal } from '../../base/refusal.ts';
import { problemOf } from './problems.ts';

// What arrives in a form that never becomes a request: answered in the same words as everything else.

/** Answers bytes that are no HTTP, and headers that are too large; Node has given up on the connection by then. */
export function answerUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const problem =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? problemOf('too_large', 'The address or the headers are larger than the server accepts.')
      : problemOf('invalid', 'This is not a request that the server can read.');
  socket.end(rawProblem(problem));
}

/** A problem as a whole HTTP answer, for a connection that has no reply object. */
export function rawProblem(problem: ReturnType<typeof problemOf>): string {
  const body = JSON.stringify(problem);
  return (
    `HTTP/1.1 ${problem.status} ${problem.title}\r\ncontent-type: application/problem+json\r\n` +
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
