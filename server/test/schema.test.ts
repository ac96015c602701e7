import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { families, type FamilyUrls } from '../src/base/family.ts';
import { schemaFile, schemaOf } from '../../tools/schema.ts';
import { readCatalog } from './_support/catalog.ts';
import { freshDatabase } from './_support/database.ts';
import { lintCatalog, lintSql } from './_support/schema-lint.ts';
import { ask } from './_support/sql.ts';
import { urlOf } from './_support/test-server.ts';

const server = join(import.meta.dirname, '..');
const urls = Object.fromEntries(
  families.map((family) => [
    family,
    urlOf(inject('adminUrl'), `${inject('databaseRun')}_template_${family}`),
  ]),
) as FamilyUrls;

test('server/schema.sql is what the migrations make (run `node tools/schema.ts` after adding one)', async () => {
  expect(await readFile(schemaFile, 'utf8')).toBe(await schemaOf(urls));
});

describe.each(['conversation', 'person'] as const)('family %s can be spread', (family) => {
  test('its tables carry the family key first and nothing that ties them to one machine', async () => {
    const catalog = await readCatalog(urls[family]);
    expect(catalog.tables.length).toBeGreaterThan(3);
    expect(lintCatalog(family, catalog)).toEqual([]);
  });

  test('its migrations use nothing that ties them to one machine', async () => {
    for (const [name, text] of await filesIn(join(server, 'migrations', family), /\.sql$/)) {
      expect([name, lintSql(text)]).toEqual([name, []]);
    }
  });
});

test('no statement of the storage layer uses what a spread family cannot', async () => {
  const files = await filesIn(join(server, 'src', 'storage'), /(?<!\.test)\.ts$/);
  expect(files.map(([name]) => name)).toEqual(expect.arrayContaining(['messages.ts', 'inbox.ts']));
  for (const [name, text] of files) {
    // Accounts live in family identity, which stays on one machine and may ask the database what time it is.
    const allowed = identityFiles.includes(name) ? ['the database’s clock'] : [];
    expect([name, lintSql(text).filter((problem) => !allowed.includes(problem))]).toEqual([
      name,
      [],
    ]);
  }
});

const identityFiles = ['accounts.ts', 'directory.ts', 'operator-accounts.ts'];

describe('the lint of the catalog notices', () => {
  const right = 'create table wrong (user_id bigint primary key)';

  test('nothing in a table that is right', async () => expect(await problemsOf(right)).toEqual([]));

  test.each([
    ['no primary key', 'create table wrong (user_id bigint)', /no primary key/],
    [
      'another key first',
      'create table wrong (other bigint, user_id bigint, primary key (other, user_id))',
      /does not begin with user_id/,
    ],
    [
      'a unique index without the key',
      `${right}; alter table wrong add name text; create unique index on wrong (name)`,
      /wrong_name_idx is unique/,
    ],
    [
      'a unique constraint without the key',
      `${right}; alter table wrong add name text unique`,
      /wrong_name_key is unique/,
    ],
    ['a serial', 'create table wrong (user_id bigint primary key, n serial)', /nextval/],
    [
      'an identity column',
      'create table wrong (user_id bigint primary key, n int generated always as identity)',
      /n is an identity column/,
    ],
    ['a sequence on its own', 'create sequence wrong', /^sequence wrong/],
    [
      'a foreign key',
      'create table wrong (user_id bigint primary key references person (user_id))',
      /is a foreign key/,
    ],
    [
      'now() as a default',
      'create table wrong (user_id bigint primary key, at timestamptz default now())',
      /default of at calls/,
    ],
    [
      'current_timestamp as a default',
      'create table wrong (user_id bigint primary key, at timestamptz default current_timestamp)',
      /default of at calls/,
    ],
    [
      'a drawn id as a default',
      'create table wrong (user_id bigint primary key, id uuid default gen_random_uuid())',
      /default of id calls/,
    ],
    ['a view', 'create view wrong as select 1 as one', /^view wrong/],
    [
      'a trigger and its function',
      `${right}; create function wrong() returns trigger language plpgsql as 'begin return null; end';
       create trigger wrong after insert on wrong for each row execute function wrong()`,
      /wrong is a trigger/,
    ],
  ])('%s', async (_, sql, problem) => {
    expect(await problemsOf(sql)).toContainEqual(expect.stringMatching(problem));
  });

  test('in family conversation, a key of a person’s', async () => {
    expect(await problemsOf(right, 'conversation')).toContainEqual(
      expect.stringMatching(/does not begin with conversation_id/),
    );
  });
});

describe('the lint of statements notices', () => {
  test.each([
    ['LISTEN or NOTIFY', 'await db.query(`listen messages`)'],
    ['LISTEN or NOTIFY', 'NOTIFY messages'],
    ['LISTEN or NOTIFY', 'select pg_notify($1, $2)'],
    ['an advisory lock', 'select pg_advisory_xact_lock($1)'],
    ['an advisory lock', 'select pg_try_advisory_lock($1)'],
    ['the database’s clock', 'insert into person values ($1, now())'],
    ['the database’s clock', 'values (CURRENT_TIMESTAMP)'],
    ['the database’s clock', 'select clock_timestamp()'],
    [
      'a subquery in ON CONFLICT',
      'insert into t values (1) on conflict (id) do update set n = (select max(n) from t)',
    ],
    [
      'a subquery in ON CONFLICT',
      'insert into t values (1) on conflict (id) do update set n = 1 where exists (select from u)',
    ],
    [
      'member is changed and member_rev is not raised',
      '`update member set gone = true where conversation_id = $1`',
    ],
  ])('%s in: %s', (problem, sql) => expect(lintSql(sql)).toEqual([problem]));

  test.each([
    'const at = new Date(world.clock.now());',
    '// a comment about now() and pg_advisory_lock',
    'with a as (insert into t values (1) on conflict (id) do update set n = 1) select 1',
    'insert into t values (1) on conflict (id) do update set n = excluded.n returning (select 1)',
    'insert into t select 1 from u on conflict do nothing',
  ])('nothing in: %s', (sql) => expect(lintSql(sql)).toEqual([]));
});

/** What the lint says about a database of the real schema with one thing added. */
async function problemsOf(
  sql: string,
  family: 'conversation' | 'person' = 'person',
): Promise<string[]> {
  const { urls: own, drop } = await freshDatabase();
  onTestFinished(drop);
  await ask(own.person, sql);
  const catalog = await readCatalog(own.person);
  const added = catalog.tables.filter((table) => table.name === 'wrong');
  const others = catalog.others.filter((other) => other.includes('wrong'));
  return lintCatalog(family, { tables: added, others });
}

async function filesIn(folder: string, pattern: RegExp): Promise<[name: string, text: string][]> {
  const names = (await readdir(folder)).filter((name) => pattern.test(name)).sort();
  return Promise.all(
    names.map(
      async (name) => [name, await readFile(join(folder, name), 'utf8')] as [string, string],
    ),
  );
}
