import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { applyCitus, distributionsOf, refusedByCitus, toCitus } from '../../tools/distribute.ts';
import { readCatalog } from './_support/catalog.ts';
import { freshDatabase, freshSplitDatabases } from './_support/database.ts';
import { ask } from './_support/sql.ts';

// `npm run distribute`: which table is spread by which key. What a Citus server says to it is not tested, for want of one.

/** The tables that the migrations of a family make. */
async function tablesOf(family: string): Promise<string[]> {
  const folder = join(import.meta.dirname, '..', 'migrations', family);
  const texts = await Promise.all(
    (await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8')),
  );
  return [...texts.join('\n').matchAll(/^create table (\w+)/gim)].map(([, name]) => name!);
}

test.each([
  ['conversation', { conversation: 'conversation_id' }, 'conversation_id'],
  ['person', { person: 'user_id', pair: 'low_id' }, 'user_id'],
] as const)(
  'every table that the migrations of family %s make is spread, the rows of one key side by side',
  async (family, special, key) => {
    const { urls, drop } = await freshSplitDatabases();
    onTestFinished(drop);
    const { spread, local } = distributionsOf(await readCatalog(urls[family]));
    const made = await tablesOf(family);
    expect(made.length).toBeGreaterThan(5);
    expect(spread.map(({ table }) => table).sort()).toEqual(made.sort());
    expect(local).toEqual(['schema_migration']);
    expect(spread[0]).toEqual({ table: family, key, beside: null });
    for (const one of spread.slice(1)) expect(one.beside).toBe(family);
    for (const { table, key: own } of spread) {
      expect([table, own]).toEqual([table, (special as Record<string, string>)[table] ?? key]);
    }
  },
);

test('in one database for all, only those two families are spread', async () => {
  const { urls, drop } = await freshDatabase();
  onTestFinished(drop);
  await ask(urls.person, 'create table added (user_id bigint, n int, primary key (user_id, n))');
  await ask(urls.person, 'create table stays (name text primary key)');
  const { spread, local } = distributionsOf(await readCatalog(urls.person));
  expect(spread).toContainEqual({ table: 'added', key: 'user_id', beside: 'person' });
  expect(local).toEqual(expect.arrayContaining(['stays', 'schema_migration']));
});

test('a statement names table, key and neighbour', () => {
  expect(toCitus({ table: 'person', key: 'user_id', beside: null }, 64)).toBe(
    `select create_distributed_table('person', 'user_id', shard_count => 64, colocate_with => 'none');`,
  );
  expect(toCitus({ table: 'pair', key: 'low_id', beside: 'person' }, 64)).toBe(
    `select create_distributed_table('pair', 'low_id', colocate_with => 'person');`,
  );
});

test('a server without Citus is left alone, with a sentence that shows no password', async () => {
  const { urls, drop } = await freshDatabase();
  onTestFinished(drop);
  const refused = await applyCitus(urls.person, 64).catch((error: Error) => error.message);
  expect(refused).toMatch(/^127\.0\.0\.1:\d+\/\w+ is no Citus server/);
});

test('what Citus would refuse is known: the batch of sends is among it', () => {
  const found = refusedByCitus().map(({ file, why }) => `${file}: ${why}`);
  expect(found).toContain('messages.ts: an INSERT inside WITH');
  expect(found).toContain('conversations.ts: a lock on rows of several shards');
});
