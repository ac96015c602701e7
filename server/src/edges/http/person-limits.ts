import type { FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../../base/clock.ts';
import type { PersonId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import { takeToken, type Bucket, type BucketRule } from '../../domain/token-bucket.ts';
import { viewerOf } from './context.ts';

/** Looking people up: enough for every letter typed, too little to copy the directory. */
const lookupRule: BucketRule = { ratePerSecond: 50, burst: 200 };
const peopleMax = 50_000;

/**
 * A hook for what one person may ask for over HTTP besides sending: changes by WRITE_RATE, looking people up by a
 * rule of its own, other reading freely. Beyond: `rate_limited`, before anything is read or written. Counted in this
 * process's memory, for the 50,000 people seen last.
 */
export function limitEachPerson(
  clock: Clock,
  config: { writeRate: number; writeBurst: number },
): (request: FastifyRequest) => Promise<void> {
  const changes = bucketPerPerson(clock, {
    ratePerSecond: config.writeRate,
    burst: config.writeBurst,
  });
  const lookups = bucketPerPerson(clock, lookupRule);
  return async (request) => {
    const { personId } = viewerOf(request);
    const isReading = request.method === 'GET' || request.method === 'HEAD';
    if (!isReading) changes(personId);
    else if (request.routeOptions.url?.startsWith('/api/people')) lookups(personId);
  };
}

/** Takes a token of this person or refuses. */
function bucketPerPerson(clock: Clock, rule: BucketRule): (personId: PersonId) => void {
  const buckets = new LRUCache<PersonId, Bucket>({ max: peopleMax });
  return (personId) => {
    const outcome = takeToken(buckets.get(personId), rule, clock.now());
    buckets.set(personId, outcome.bucket);
    if (outcome.taken) return;
    throw new Refusal('rate_limited', undefined, { retryAfterMs: outcome.retryAfterMs });
  };
}
