import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { families, type Family, type FamilyUrls } from '../base/family.ts';
import { StartupProblem } from '../base/startup-problem.ts';

// Forward-only, numbered migrations, one folder per family. A database holds a row per applied file.

const folder = join(import.meta.dirname, '..', '..', 'migrations');

/**
 * Brings every family to the newest schema; safe to run from several processes at once and again after a
 * crash, because each file is one transaction. Refuses with a StartupProblem when the database knows
 * migrations that this version does not, which means it belongs to a newer one.
 */
export async function migrate(urls: FamilyUrls): Promise<void> {
  for (const family of families) await migrateFamily(family, urls[family]);
}

async function migrateFamily(family: Family, url: string): Promise<void> {
  const files = (await readdir(join(folder, family)).catch(() => []))
    .filter((name) => /^\d{4}_[a-z0-9_]+\.sql$/.test(name))
    .sort();
  const client = new pg.Client({ connectionString: url, application_name: 'aside-migrate' });
  // A connection that ends fails its query as well; as an unheard event it would end the process without a word.
  client.on('error', () => {});
  await client.connect();
  try {
    await client
      .query(
        `create table if not exists schema_migration (
         family text not null, name text not null, applied_at timestamptz not null, primary key (family, name))`,
      )
      .catch(ignoreRace);
    await refuseNewerDatabase(client, family, files);
    for (const name of files) await applyOnce(client, family, name);
  } finally {
    await client.end();
  }
}

async function refuseNewerDatabase(
  client: pg.Client,
  family: Family,
  files: string[],
): Promise<void> {
  const known = await client.query<{ name: string }>(
    'select name from schema_migration where family = $1',
    [family],
  );
  const newer = known.rows.find((row) => !files.includes(row.name));
  if (newer) {
    throw new StartupProblem(
      `The ${family} database was made by a newer version of Aside (it has ${newer.name}); start that version or a later one.`,
    );
  }
}

async function applyOnce(client: pg.Client, family: Family, name: string): Promise<void> {
  const sql = await readFile(join(folder, family, name), 'utf8');
  await client.query('begin');
  try {
    // The lock lets one process migrate while the others wait, then find the work done.
    await client.query('lock table schema_migration in exclusive mode');
    const done = await client.query(
      'select 1 from schema_migration where family = $1 and name = $2',
      [family, name],
    );
    if (done.rowCount === 0) {
      await client.query(sql);
      await client.query(
        'insert into schema_migration (family, name, applied_at) values ($1, $2, $3)',
        [family, name, new Date()],
      );
    }
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw new Error(`migration ${family}/${name} failed`, { cause: error });
  }
}

/** Two processes may create the bookkeeping table at the same moment; the loser finds it there. */
function ignoreRace(error: unknown): void {
  const code = (error as { code?: string }).code;
  if (code !== '23505' && code !== '42P07') throw error;
}
