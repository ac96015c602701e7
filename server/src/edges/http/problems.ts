import { errorCatalogue, type ErrorCode, type Problem } from '@aside/protocol';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../../base/refusal.ts';
import { isTemporary } from '../../storage/database.ts';

// One table turns every kind of failure into an RFC 9457 problem; nothing else in the server writes error bodies.

/** The problem body of a code; `detail` replaces the catalogue's sentence. */
export function problemOf(
  code: ErrorCode,
  detail?: string,
  retryAfterMs?: number,
  until?: Date,
): Problem {
  const entry = errorCatalogue[code];
  return {
    type: `/docs/errors#${code}`,
    title: entry.title,
    status: entry.status,
    detail: detail ?? entry.detail,
    code,
    ...(retryAfterMs === undefined
      ? {}
      : { retryAfterSeconds: Math.max(1, Math.ceil(retryAfterMs / 1000)) }),
    ...(until === undefined ? {} : { until: until.toISOString() }),
  };
}

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  if (problem.retryAfterSeconds !== undefined) {
    void reply.header('retry-after', String(problem.retryAfterSeconds));
  }
  // Bytes, not an object: the route's response schema is for answers, not for problems.
  return reply
    .code(problem.status)
    .type('application/problem+json')
    .serializer((text: unknown) => text as string)
    .send(JSON.stringify(problem));
}

/** Turns thrown errors into problems. Refusals are answers; anything else that is not temporary is a bug and logged once. */
export function installErrorHandler(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const problem = request.raw.errored === error ? brokenOff : problemFor(error);
    if (problem.status >= 500 && !(error instanceof Refusal)) {
      // With this the person who saw the failure can point to its line.
      void reply.header('x-request-id', request.id);
      request.log.error({ err: error, route: request.routeOptions.url }, 'a request failed');
    }
    return sendProblem(reply, problem);
  });
}

/** The other end hung up in the middle of its body: nobody reads this, and nothing of ours failed. */
const brokenOff = problemOf('invalid', 'The request did not arrive whole.');

function problemFor(error: FastifyError): Problem {
  if (error instanceof Refusal) {
    return problemOf(error.code, error.message, error.data.retryAfterMs, error.data.until);
  }
  if (error.validation) return problemOf('invalid', sentenceOf(error));
  if (isTemporary(error)) return problemOf('overloaded', undefined, 1_000);
  switch (error.statusCode) {
    case 413:
      return problemOf('too_large');
    case 415:
      return problemOf('unsupported');
    case 400:
      return problemOf(
        'invalid',
        badRequestSentences[error.code] ?? 'The request is not well formed.',
      );
    default:
      return problemOf('internal');
  }
}

const badRequestSentences: Record<string, string> = {
  FST_ERR_CTP_EMPTY_JSON_BODY: 'The body is empty; a JSON object was expected.',
  FST_ERR_CTP_INVALID_JSON_BODY: 'The body is not valid JSON.',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'The body does not have the length its header names.',
};

/** Names the field and what it should be, from the first thing the validator found. */
function sentenceOf(error: FastifyError): string {
  const first = error.validation![0]!;
  const where = first.instancePath.replaceAll('/', '.').replace(/^\./, '');
  const place = where === '' ? (error.validationContext ?? 'body') : `“${where}”`;
  if (first.keyword === 'additionalProperties') {
    return `The field “${String(first.params['additionalProperty']).slice(0, 60)}” is not known here.`;
  }
  if (first.keyword === 'required') {
    return `The field “${String(first.params['missingProperty'])}” is missing.`;
  }
  return `The ${place} ${first.message ?? 'has the wrong form'}.`;
}

/** The answer for a route that does not exist, and for what exists but not for the one who asks. */
export function sendNotFound(_request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return sendProblem(reply, problemOf('not_found'));
}
