import { Client } from 'pg';
import { expect, inject, onTestFinished, test } from 'vitest';
import { families } from '../../src/base/family.ts';
import { freshDatabase, freshSplitDatabases } from './database.ts';

test('a fresh database holds the migrated schema of all families', async () => {
  const { urls, drop } = await freshDatabase();
  onTestFinished(drop);
  const places = new Set(Object.values(urls).map((url) => new URL(url).host));
  const databases = new Set(Object.values(urls));
  expect([places.size, databases.size]).toEqual(inject('isApart') ? [2, 4] : [1, 1]);
  expect(await tablesAt(urls.person)).toContain('schema_migration');
});

test('what one test writes, another does not see', async () => {
  const [one, other] = [await freshDatabase(), await freshDatabase()];
  onTestFinished(async () => {
    await one.drop();
    await other.drop();
  });
  await ask(one.urls.person, 'create table scribble (id int)');
  expect(await tablesAt(one.urls.person)).toContain('scribble');
  expect(await tablesAt(other.urls.person)).not.toContain('scribble');
});

test('split databases are four, and each holds its own family only', async () => {
  const { urls, drop } = await freshSplitDatabases();
  onTestFinished(drop);
  expect(new Set(Object.values(urls)).size).toBe(families.length);
  for (const family of families) {
    const rows = await ask(urls[family], 'select distinct family from schema_migration');
    expect(rows.every((row) => row['family'] === family)).toBe(true);
  }
});

async function tablesAt(url: string): Promise<unknown[]> {
  const rows = await ask(url, `select tablename from pg_tables where schemaname = 'public'`);
  return rows.map((row) => row['tablename']);
}

async function ask(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<Record<string, unknown>>(sql);
  await client.end();
  return rows;
}
