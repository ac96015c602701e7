import { expect, test } from 'vitest';
import { createLanes } from './lanes.ts';

interface Job {
  key: string;
  n: number;
}

test('jobs of one key run in their order and never side by side', async () => {
  const seen = new Map<string, number[]>();
  const running = new Set<string>();
  const lanes = createLanes<Job>({
    lanes: 4,
    batchMax: 7,
    queueMax: 10_000,
    async run(jobs) {
      const keys = new Set(jobs.map((job) => job.key));
      for (const key of keys) {
        expect(running.has(key)).toBe(false);
        running.add(key);
      }
      await turns(3);
      for (const { key, n } of jobs) seen.set(key, [...(seen.get(key) ?? []), n]);
      for (const key of keys) running.delete(key);
    },
  });
  for (let n = 0; n < 1_000; n += 1) {
    expect(lanes.add(`key${n % 13}`, { key: `key${n % 13}`, n })).toBe(true);
    if (n % 50 === 0) await turns(2);
  }
  await lanes.drained();
  expect([...seen.values()].flat()).toHaveLength(1_000);
  for (const numbers of seen.values()) expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
});

test('jobs of one moment share a batch, and later ones form the next', async () => {
  const gate = Promise.withResolvers<void>();
  const sizes: number[] = [];
  const lanes = createLanes<Job>({
    lanes: 1,
    batchMax: 10,
    queueMax: 1_000,
    async run(jobs) {
      sizes.push(jobs.length);
      await gate.promise;
    },
  });
  for (let n = 0; n < 3; n += 1) lanes.add('a', { key: 'a', n });
  await turns(1);
  for (let n = 0; n < 25; n += 1) lanes.add('a', { key: 'a', n });
  gate.resolve();
  await lanes.drained();
  expect(sizes).toEqual([3, 10, 10, 5]);
});

test('a full queue takes nothing more, and again once there is room', async () => {
  const gate = Promise.withResolvers<void>();
  const lanes = createLanes<Job>({ lanes: 2, batchMax: 2, queueMax: 5, run: () => gate.promise });
  const added = Array.from({ length: 8 }, (_, n) => lanes.add(`k${n}`, { key: `k${n}`, n }));
  expect(added).toEqual([true, true, true, true, true, false, false, false]);
  expect(lanes.waiting).toBe(5);
  gate.resolve();
  await lanes.drained();
  expect(lanes.waiting).toBe(0);
  expect(lanes.add('k', { key: 'k', n: 9 })).toBe(true);
  await lanes.drained();
});

test('waiting for the end ends at once when nothing is waiting', async () => {
  const lanes = createLanes<Job>({ lanes: 1, batchMax: 1, queueMax: 1, run: async () => {} });
  await lanes.drained();
});

test('different keys are spread over all lanes, also ids that differ in the last digits only', async () => {
  const gate = Promise.withResolvers<void>();
  let batches = 0;
  const lanes = createLanes<Job>({
    lanes: 4,
    batchMax: 1_000,
    queueMax: 1_000,
    run() {
      batches += 1;
      return gate.promise;
    },
  });
  for (let n = 0; n < 64; n += 1)
    lanes.add(String(118_000_000_000_000_000n + BigInt(n)), { key: '', n });
  await turns(1);
  expect(batches).toBe(4);
  gate.resolve();
  await lanes.drained();
});

/** Lets everything that is ready run, a number of times; no clock involved. */
async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) await new Promise((resolve) => setImmediate(resolve));
}
