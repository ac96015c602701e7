// How long to wait before the next try: doubling, and never the same for two clients, so that a server that
// comes back is not met by all of them at once.

/** Between half of `firstMs · 2^attempt` and all of it, never outside `firstMs / 2` … `maxMs`. */
export function backoffMs(attempt: number, firstMs: number, maxMs: number, random: number): number {
  const topMs = Math.min(maxMs, firstMs * 2 ** Math.min(attempt, 30));
  return topMs / 2 + (topMs / 2) * random;
}
