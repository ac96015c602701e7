import { expect, test } from 'vitest';
import fc from 'fast-check';
import { takeToken, type Bucket, type BucketRule } from './token-bucket.ts';

const rule: BucketRule = { ratePerSecond: 20, burst: 200 };

test('a full bucket gives exactly its burst at one moment', () => {
  expect(
    takeAt(
      rule,
      Array.from({ length: 500 }, () => 1_000),
    ).taken,
  ).toBe(200);
});

test('an empty bucket names the time when the next token is there, and it is there then but not before', () => {
  const { bucket } = takeAt(
    rule,
    Array.from({ length: 200 }, () => 0),
  );
  const refused = takeToken(bucket, rule, 0);
  expect(refused).toMatchObject({ taken: false, retryAfterMs: 50 });
  expect(takeToken(refused.bucket, rule, 49).taken).toBe(false);
  expect(takeToken(refused.bucket, rule, 50).taken).toBe(true);
});

test('time away saves up no more than the burst', () => {
  const { bucket } = takeAt(
    rule,
    Array.from({ length: 200 }, () => 0),
  );
  const later = Array.from({ length: 500 }, () => 86_400_000);
  expect(takeAt(rule, later, bucket).taken).toBe(200);
});

test('a clock that steps back gives nothing for free', () => {
  const { bucket } = takeAt(
    rule,
    Array.from({ length: 200 }, () => 10_000),
  );
  expect(takeToken(bucket, rule, 0)).toMatchObject({ taken: false });
});

test('refusals cost nothing', () => {
  let { bucket } = takeAt(
    rule,
    Array.from({ length: 200 }, () => 0),
  );
  for (let i = 0; i < 100; i += 1) bucket = takeToken(bucket, rule, 1).bucket;
  expect(takeToken(bucket, rule, 50).taken).toBe(true);
});

test('over any time, no more is given than the burst and what came back', () => {
  const steps = fc.array(fc.integer({ min: 0, max: 2_000 }), { minLength: 1, maxLength: 300 });
  const rules = fc.record({
    ratePerSecond: fc.integer({ min: 1, max: 100 }),
    burst: fc.integer({ min: 1, max: 50 }),
  });
  fc.assert(
    fc.property(steps, rules, (gaps, any) => {
      let now = 0;
      const times = gaps.map((gap) => (now += gap));
      const most = any.burst + (now / 1000) * any.ratePerSecond;
      expect(takeAt(any, times).taken).toBeLessThanOrEqual(most + 1e-6);
    }),
  );
});

function takeAt(
  any: BucketRule,
  times: number[],
  from?: Bucket,
): { taken: number; bucket: Bucket | undefined } {
  let bucket = from;
  let taken = 0;
  for (const time of times) {
    const outcome = takeToken(bucket, any, time);
    if (outcome.taken) taken += 1;
    bucket = outcome.bucket;
  }
  return { taken, bucket };
}
