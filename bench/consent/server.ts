import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RuleName } from '../../server/src/domain/rules.ts';
import { fastTemporaryFolder } from '../../server/test/_support/test-server.ts';
import { operatorKey, start } from '../_support/start.ts';

export interface Answer {
  status: number;
  body: unknown;
}

/** The server as a program of its own on an empty embedded database, and the clock that moves it. */
export interface Server {
  call(method: string, path: string, token: string | null, body?: unknown): Promise<Answer>;
  operator(method: string, path: string, body: unknown): Promise<unknown>;
  advance(ms: number): Promise<void>;
  stop(): Promise<void>;
}

export async function startServer(without: readonly RuleName[]): Promise<Server> {
  const folder = await mkdtemp(join(fastTemporaryFolder(), 'aside-consent-'));
  // PostgreSQL may run as another user, who must be able to enter.
  await chmod(folder, 0o755);
  const unlimited = '1000000';
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  const started = await start('server/start.js', {
    DATA_DIR: join(folder, 'data'),
    ASIDE_TEST_CLOCK: '1',
    ASIDE_BENCH_WITHOUT: without.join(','),
    SEND_RATE: unlimited,
    SEND_BURST: unlimited,
    WRITE_RATE: unlimited,
    READ_RATE: unlimited,
    READ_BURST: unlimited,
    WRITE_BURST: unlimited,
    // A moved clock makes everything old at once.
    SWEEP_INTERVAL_MS: '5000',
  }).catch(async (error: unknown) => {
    await remove();
    throw error;
  });
  const call: Server['call'] = async (method, path, token, body) => {
    const answer = await fetch(`${started.url}${path}`, {
      method,
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    const isJson = answer.headers.get('content-type')?.includes('json') ?? false;
    return { status: answer.status, body: isJson && text !== '' ? JSON.parse(text) : text };
  };
  const operator: Server['operator'] = async (method, path, body) => {
    const answer = await call(method, path, operatorKey, body);
    if (answer.status >= 300) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  return {
    call,
    operator,
    advance: async (advanceMs) =>
      void (await operator('POST', '/api/operator/clock', { advanceMs })),
    async stop() {
      await started.stop();
      await remove();
    },
  };
}

const atOnce = 10;

/** Does the work of all, ten side by side; what belongs to one item stays in order. */
export async function forAll<T>(
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const item = items[next]!;
      next += 1;
      await work(item);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
