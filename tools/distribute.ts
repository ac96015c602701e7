// `npm run distribute -- --citus`: prints the statements that spread the tables of families conversation and person over
// a Citus cluster, read from the catalog, so that a new table cannot be forgotten. With --dsn URL, or with the
// DATABASE_URL… of Aside, it reads those databases, and with --apply it carries the statements out.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { StartupProblem } from '../server/src/base/startup-problem.ts';
import { checkServer } from '../server/src/storage/check-server.ts';
import { readCatalog, type Catalog, type Table } from '../server/test/_support/catalog.ts';
import { startTestServer, urlOf } from '../server/test/_support/test-server.ts';

/** One table, the column that decides where its rows lie, and the table whose rows of the same key lie beside them. */
export interface Distribution {
  table: string;
  key: string;
  beside: string | null;
}

/**
 * By which column each table is spread. The first column of its primary key says which family it is of: a conversation,
 * or a person (`pair` belongs to two; the lower id decides). The bookkeeping of the migrations stays on the coordinator, as does
 * family identity where it shares the database: its tables refer to each other and are unique by name.
 */
export function distributionsOf({ tables }: Catalog): {
  spread: Distribution[];
  local: string[];
} {
  const anchors: Record<string, string> = {
    conversation_id: 'conversation',
    user_id: 'person',
    low_id: 'person',
  };
  const spread: Distribution[] = [];
  const local: string[] = [];
  for (const table of tables) {
    const key = keyOf(table);
    const anchor = key === null ? undefined : anchors[key];
    if (key === null || anchor === undefined) local.push(table.name);
    else spread.push({ table: table.name, key, beside: table.name === anchor ? null : anchor });
  }
  // Anchors first, because the others are laid beside them.
  spread.sort((a, b) => Number(a.beside !== null) - Number(b.beside !== null));
  return { spread, local };
}

function keyOf(table: Table): string | null {
  const primary = table.constraints.find(({ type }) => type === 'p');
  const index = table.indexes.find(({ name }) => name === primary?.name);
  return index?.firstColumn ?? null;
}

export function toCitus({ table, key, beside }: Distribution, shards: number): string {
  const place =
    beside === null
      ? `shard_count => ${shards}, colocate_with => 'none'`
      : `colocate_with => '${beside}'`;
  return `select create_distributed_table('${table}', '${key}', ${place});`;
}

/** A statement of the storage layer that Citus refuses as it stands. */
export interface Refused {
  file: string;
  why: string;
  statement: string;
}

/**
 * What Citus' router planner does not take, even when all rows lie in one shard: an INSERT inside WITH; and a lock on rows of
 * several shards. Found in the source of the storage layer, so that the list is as long as it really is.
 */
export function refusedByCitus(): Refused[] {
  const folder = join(import.meta.dirname, '..', 'server', 'src', 'storage');
  const files = readdirSync(folder).filter((name) => /(?<!\.test)\.ts$/.test(name));
  return files.flatMap((file) => {
    const source = readFileSync(join(folder, file), 'utf8');
    // Accounts stay on one server.
    if (/"user"/.test(source)) return [];
    return [...source.matchAll(/`([^`]*)`/g)].flatMap(([, text = '']) => {
      const why = whyRefused(text);
      const statement = text.trim().replaceAll(/\s+/g, ' ').slice(0, 80);
      return why === null ? [] : [{ file, why, statement }];
    });
  });
}

function whyRefused(text: string): string | null {
  if (/\bas (materialized )?\(\s*insert\b/i.test(text)) return 'an INSERT inside WITH';
  const locks = /\bfor (no key )?update\b/i.test(text);
  if (locks && /\b(conversation_id|user_id|low_id) = any \(/i.test(text)) {
    return 'a lock on rows of several shards';
  }
  return null;
}

/** Carries the statements out, leaving out tables that are spread already. Answers how many it spread. */
export async function applyCitus(url: string, shards: number): Promise<number> {
  const { spread } = distributionsOf(await readCatalog(url));
  const client = new Client({ connectionString: url, application_name: 'aside-distribute' });
  await client.connect();
  try {
    const has = await client.query(`select 1 from pg_available_extensions where name = 'citus'`);
    if (has.rowCount === 0) {
      throw new StartupProblem(`${safe(url)} is no Citus server: it does not have the extension.`);
    }
    await client.query('create extension if not exists citus');
    const { rows } = await client.query<{ name: string }>(
      'select logicalrelid::text as name from pg_dist_partition',
    );
    const done = new Set(rows.map(({ name }) => name));
    const due = spread.filter(({ table }) => !done.has(table));
    for (const one of due) await client.query(toCitus(one, shards));
    return due.length;
  } finally {
    await client.end();
  }
}

/** Without what stands before the @. */
function safe(url: string): string {
  const { hostname, port, pathname } = new URL(url);
  return `${hostname}:${port}${pathname}`;
}

interface Asked {
  /** Databases to look at; null: the schema that the migrations make. */
  urls: string[] | null;
  shards: number;
  apply: boolean;
}

function readArguments(words: string[], env: NodeJS.ProcessEnv): Asked {
  const after = (name: string): string | undefined => words[words.indexOf(name) + 1];
  if (!words.includes('--citus')) {
    throw new StartupProblem(
      'usage: npm run distribute -- --citus [--dsn URL] [--shards 64] [--apply]',
    );
  }
  const shards = words.includes('--shards') ? Number(after('--shards')) : 64;
  if (!Number.isInteger(shards) || shards < 1 || shards > 64_000) {
    throw new StartupProblem('--shards must be a whole number from 1 to 64000.');
  }
  const named = words.includes('--dsn')
    ? [after('--dsn')]
    : [
        env['DATABASE_URL_CONVERSATION'] ?? env['DATABASE_URL'],
        env['DATABASE_URL_PERSON'] ?? env['DATABASE_URL'],
      ];
  const urls = [...new Set(named.filter((url) => url !== undefined && url !== ''))] as string[];
  const apply = words.includes('--apply');
  if (apply && urls.length === 0) {
    throw new StartupProblem('--apply needs --dsn URL, or the DATABASE_URL… of Aside.');
  }
  return { urls: urls.length > 0 ? urls : null, shards, apply };
}

async function fromMigrations(): Promise<Catalog[]> {
  const server = await startTestServer(undefined);
  try {
    const names = ['conversation', 'person'].map((family) => `${server.run}_template_${family}`);
    return await Promise.all(names.map((name) => readCatalog(urlOf(server.adminUrl, name))));
  } finally {
    await server.stop();
  }
}

async function main(): Promise<void> {
  const { urls, shards, apply } = readArguments(process.argv.slice(2), process.env);
  for (const url of urls ?? []) await checkServer(url, 'The database');
  if (apply) {
    for (const url of urls!) {
      console.log(`-- ${safe(url)}: ${await applyCitus(url, shards)} tables spread`);
    }
    return;
  }
  const catalogs =
    urls === null ? await fromMigrations() : await Promise.all(urls.map(readCatalog));
  for (const { spread, local } of catalogs.map(distributionsOf)) {
    for (const one of spread) console.log(toCitus(one, shards));
    console.log(`-- stay on the coordinator: ${local.join(', ')}\n`);
  }
  console.log(
    '-- As they stand, Citus refuses these statements (docs/scaling.md tells what to change):',
  );
  for (const { file, why, statement } of refusedByCitus()) {
    console.log(`--   storage/${file}: ${why}: ${statement} …`);
  }
}

if (import.meta.main) {
  await main().catch((error: unknown) => {
    if (!(error instanceof StartupProblem)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  });
}
