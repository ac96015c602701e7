import type { FamilyUrls } from '../../src/base/family.ts';
import { StartupProblem } from '../../src/base/startup-problem.ts';
import { readConfig } from '../../src/config.ts';
import { checkServer } from '../../src/storage/check-server.ts';
import { migrate } from '../../src/storage/migrate.ts';
import { ask } from './sql.ts';

// Databases of somebody else's choice for the storage contract: `npm run test:contract` with the DATABASE_URL… of Aside.

/** The databases that the environment names, migrated; null where it names none. Refuses those that people live in. */
export async function contractDatabases(
  env: Record<string, string | undefined>,
): Promise<FamilyUrls | null> {
  const { databaseUrls } = readConfig(env);
  if (databaseUrls === null) return null;
  for (const url of new Set(Object.values(databaseUrls))) await checkServer(url, 'A database');
  await refuseInhabited(databaseUrls);
  await migrate(databaseUrls);
  return databaseUrls;
}

/** The suite brings people, moves clocks and breaks connections; where anybody lives it must not run. */
export async function refuseInhabited(urls: FamilyUrls): Promise<void> {
  for (const [family, table] of [
    ['identity', '"user"'],
    ['person', 'person'],
    ['conversation', 'conversation'],
  ] as const) {
    const [there] = await ask<{ is: boolean }>(
      urls[family],
      'select to_regclass($1) is not null as is',
      [table],
    );
    if (!there?.is) continue;
    const rows = await ask(urls[family], `select from ${table} limit 1`);
    if (rows.length === 0) continue;
    throw new StartupProblem(
      `The ${family} database holds people already. The contract suite runs on empty databases alone, and leaves people behind.`,
    );
  }
}
