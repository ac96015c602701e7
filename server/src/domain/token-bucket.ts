/** One person's allowance: `tokens` are what is left, `at` is when that was counted (ms). */
export interface Bucket {
  tokens: number;
  at: number;
}

export interface BucketRule {
  /** Tokens that come back per second. */
  ratePerSecond: number;
  /** The most that can be saved up. */
  burst: number;
}

export type TakeOutcome =
  | { taken: true; bucket: Bucket }
  | { taken: false; bucket: Bucket; retryAfterMs: number };

/** Takes one token if there is one; otherwise says when the next will be there. A missing bucket is a full one. */
export function takeToken(
  bucket: Bucket | undefined,
  rule: BucketRule,
  nowMs: number,
): TakeOutcome {
  const before = bucket ?? { tokens: rule.burst, at: nowMs };
  const elapsedMs = Math.max(0, nowMs - before.at);
  const tokens = Math.min(rule.burst, before.tokens + (elapsedMs / 1000) * rule.ratePerSecond);
  if (tokens >= 1) return { taken: true, bucket: { tokens: tokens - 1, at: nowMs } };
  return {
    taken: false,
    bucket: { tokens, at: nowMs },
    retryAfterMs: Math.ceil(((1 - tokens) / rule.ratePerSecond) * 1000),
  };
}
