import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { startApp, type App } from '../../src/app.ts';
import { silentLog, type Log } from '../../src/base/log.ts';
import { readConfig } from '../../src/config.ts';
import { freshDatabase, freshSplitDatabases } from './database.ts';
import type { FamilyUrls } from '../../src/base/family.ts';

export interface TestApp {
  app: App;
  url: string;
  urls: FamilyUrls;
  dataDir: string;
  operatorKey: string;
  stop(): Promise<void>;
}

export const operatorKey = 'operator-key-of-this-test';

/**
 * A whole server on an empty database of its own, reached over real HTTP and sockets. `split` puts the four
 * families in four databases. Stops by itself when the test or the suite's hook that started it ends.
 */
export async function startTestApp(
  options: { split?: boolean; env?: Record<string, string>; urls?: FamilyUrls; log?: Log } = {},
): Promise<TestApp> {
  const database = options.urls
    ? { urls: options.urls, drop: async () => {} }
    : options.split
      ? await freshSplitDatabases()
      : await freshDatabase();
  const { urls } = database;
  const dataDir = await mkdtemp(join(tmpdir(), 'aside-test-'));
  const config = readConfig({
    PORT: '0',
    DATA_DIR: dataDir,
    DATABASE_URL_CONVERSATION: urls.conversation,
    DATABASE_URL_PERSON: urls.person,
    DATABASE_URL_IDENTITY: urls.identity,
    DATABASE_URL_JOBS: urls.jobs,
    DATABASE_POOL: '4',
    ASIDE_OPERATOR_KEY: operatorKey,
    ASIDE_TEST_CLOCK: '1',
    SIGN_IN_RATE: '1000',
    WRITE_RATE: '1000000',
    WRITE_BURST: '1000000',
    READ_RATE: '1000000',
    READ_BURST: '1000000',
    SWEEP_INTERVAL_MS: '300',
    ...options.env,
  });
  const app = await startApp(config, options.log ?? silentLog());
  let stopped = false;
  const stop = async (): Promise<void> => {
    if (stopped) return;
    stopped = true;
    await app.stop();
    await database.drop();
    await rm(dataDir, { recursive: true, force: true });
  };
  return { app, url: app.url, urls, dataDir, operatorKey, stop };
}

/** The same for one test, which also stops it. */
export async function appForTest(
  options: Parameters<typeof startTestApp>[0] = {},
): Promise<TestApp> {
  const started = await startTestApp(options);
  onTestFinished(() => started.stop());
  return started;
}
