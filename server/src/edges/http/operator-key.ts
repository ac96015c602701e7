import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { Refusal } from '../../base/refusal.ts';

/**
 * A hook for what only the operator may ask, with `Authorization: Bearer` and this key. Where no key is set (null), or
 * with a wrong one, the route is `not_found`, before anything of the request is read.
 */
export function requireOperator(
  operatorKey: string | null,
): (request: FastifyRequest) => Promise<void> {
  return async (request) => {
    const given = /^bearer +(.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
    if (operatorKey === null || !isSameSecret(given.trim(), operatorKey))
      throw new Refusal('not_found');
  };
}

/** Compares hashes, so that neither content nor length shows in the time it takes. */
function isSameSecret(given: string, expected: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(given), hash(expected));
}
