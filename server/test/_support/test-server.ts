// The one PostgreSQL of a test run, with templates that hold the migrated schema.

import { randomBytes, randomUUID } from 'node:crypto';
import { readdirSync, rmSync, statfsSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { families, type FamilyUrls } from '../../src/base/family.ts';
import { StartupProblem } from '../../src/base/startup-problem.ts';
import { startEmbeddedPostgres } from '../../src/storage/embedded-postgres.ts';
import { migrate } from '../../src/storage/migrate.ts';

export interface TestServer {
  adminUrl: string;
  /** Every database of this run begins with it: `<run>_template`, `<run>_template_person`, `<run>_db_…`. */
  run: string;
  stop: () => Promise<void>;
}

/** Starts a server, or takes the one that is given, and migrates the templates once. */
export async function startTestServer(
  given: string | undefined = process.env['TEST_DATABASE_URL'],
): Promise<TestServer> {
  const server = given ? { url: given, stop: async () => {} } : await startTemporary();
  const run = `aside_${randomBytes(4).toString('hex')}`;
  const stop = async (): Promise<void> => {
    if (given) await dropAll(given, run);
    await server.stop();
  };
  try {
    await makeTemplates(server.url, run);
  } catch (error) {
    await stop();
    throw error;
  }
  return { adminUrl: server.url, run, stop };
}

/** The same URL with another database. */
export function urlOf(adminUrl: string, database: string): string {
  const url = new URL(adminUrl);
  url.pathname = `/${database}`;
  return url.href;
}

/** Runs statements one after the other on the server's own database. */
export async function administer(adminUrl: string, statements: string[]): Promise<void> {
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

/** A folder in memory where there is one: durability stays on and costs nothing (a clone 16 ms, not 250). */
export function fastTemporaryFolder(): string {
  try {
    const { bavail, bsize } = statfsSync('/dev/shm');
    return bavail * bsize > 2_000_000_000 ? '/dev/shm' : tmpdir();
  } catch {
    return tmpdir();
  }
}

async function makeTemplates(adminUrl: string, run: string): Promise<void> {
  const whole = `${run}_template`;
  const split = families.map((family) => [family, `${whole}_${family}`] as const);
  const names = [whole, ...split.map(([, name]) => name)];
  await administer(
    adminUrl,
    names.map((name) => `create database ${name}`),
  );
  const all = families.map((family) => [family, urlOf(adminUrl, whole)]);
  await migrate(Object.fromEntries(all) as FamilyUrls);
  const apart = split.map(([family, name]) => [family, urlOf(adminUrl, name)]);
  await migrate(Object.fromEntries(apart) as FamilyUrls);
}

async function startTemporary(): Promise<{ url: string; stop: () => Promise<void> }> {
  const folder = fastTemporaryFolder();
  await sweepLeftovers(folder);
  const dataDir = join(folder, `aside-test-${randomUUID()}`);
  const server = await startEmbeddedPostgres({ dataDir });
  const stop = async (): Promise<void> => {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
  return { url: server.url, stop };
}

/** A run that was killed leaves its server behind; an hour later the next run stops and removes it. */
async function sweepLeftovers(folder: string): Promise<void> {
  const anHourAgo = Date.now() - 3_600_000;
  for (const name of readdirSync(folder)) {
    const dataDir = join(folder, name);
    if (!/^aside-test-[0-9a-f-]{36}$/.test(name) || !isOlder(dataDir, anHourAgo)) continue;
    try {
      await (await startEmbeddedPostgres({ dataDir })).stop();
    } catch (error) {
      // Still running, or another user's: not ours to remove.
      if (error instanceof StartupProblem) continue;
      throw error;
    }
    rmSync(dataDir, { recursive: true, force: true });
  }
}

function isOlder(path: string, than: number): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Infinity) < than;
}

async function dropAll(adminUrl: string, run: string): Promise<void> {
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  const { rows } = await client.query<{ datname: string }>(
    'select datname from pg_database where starts_with(datname, $1)',
    [`${run}_`],
  );
  await client.end();
  await administer(
    adminUrl,
    rows.map(({ datname }) => `drop database "${datname}" with (force)`),
  );
}
