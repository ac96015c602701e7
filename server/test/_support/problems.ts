import { errorCatalogue, type Problem } from '@aside/protocol';
import { expect } from 'vitest';

/** Fails unless this is a problem body as RFC 9457 and our catalogue have it, about the caller and not about us. */
export function expectProblem(answer: {
  status: number;
  contentType: string | null;
  body: unknown;
}): Problem {
  const problem = answer.body as Problem;
  expect(answer).toMatchObject({
    contentType: expect.stringMatching(/^application\/problem\+json\b/),
  });
  expect(Object.keys(errorCatalogue)).toContain(problem.code);
  const { status, title } = errorCatalogue[problem.code];
  expect(problem).toMatchObject({ status, title, type: `/docs/errors#${problem.code}` });
  expect(answer.status).toBe(status);
  expect(status).toBeLessThan(500);
  expect(problem.detail).toMatch(/^\S.{8,}\.$/s);
  return problem;
}
