import type { FastifyReply, FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../../base/clock.ts';
import type { PersonId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import { createTurns } from '../../base/turns.ts';
import { takeToken, type Bucket, type BucketRule } from '../../domain/token-bucket.ts';
import { viewerOf } from './context.ts';
import { whenOver } from './when-over.ts';

/** Looking people up: enough for every letter typed, too little to copy the directory. */
const lookupRule: BucketRule = { ratePerSecond: 50, burst: 200 };
const peopleMax = 50_000;
/**
 * Reading: few of one person at once, so that most of the database's connections are left for the others however many
 * are asked for; the rest wait their turn.
 */
const readingTurns = { atOnce: 4, waitingMax: 256 };

/**
 * A hook for what one person may ask for over HTTP besides sending: changes by WRITE_RATE, reading by READ_RATE and
 * a few at once, looking people up by a rule of its own as well. Beyond: `rate_limited`, before anything is read or
 * written. Counted in this process's memory, for the 50,000 people seen last.
 */
export function limitEachPerson(
  clock: Clock,
  config: { writeRate: number; writeBurst: number; readRate: number; readBurst: number },
): (request: FastifyRequest, reply: FastifyReply) => Promise<void> {
  const changes = bucketPerPerson(clock, {
    ratePerSecond: config.writeRate,
    burst: config.writeBurst,
  });
  const reads = bucketPerPerson(clock, {
    ratePerSecond: config.readRate,
    burst: config.readBurst,
  });
  const lookups = bucketPerPerson(clock, lookupRule);
  const turns = createTurns(readingTurns);
  return async (request, reply) => {
    const { personId } = viewerOf(request);
    const isReading = request.method === 'GET' || request.method === 'HEAD';
    if (!isReading) return changes(personId);
    reads(personId);
    if (request.routeOptions.url?.startsWith('/api/people')) lookups(personId);
    whenOver(reply, await turns.begin(personId));
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
