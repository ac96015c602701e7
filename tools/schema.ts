// Writes server/schema.sql: all tables of all families as they stand after the migrations. The embedded package
// carries no pg_dump, so the catalog is read instead. Run `node tools/schema.ts` after adding a migration.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { families, type FamilyUrls } from '../server/src/base/family.ts';
import { readCatalog, toSql } from '../server/test/_support/catalog.ts';
import { startTestServer, urlOf } from '../server/test/_support/test-server.ts';

export const schemaFile = join(import.meta.dirname, '..', 'server', 'schema.sql');

/** The text of server/schema.sql for four databases, one per family. */
export async function schemaOf(urls: FamilyUrls): Promise<string> {
  const parts = await Promise.all(
    families.map(async (family) => {
      const catalog = await readCatalog(urls[family]);
      // Which migrations a database has is bookkeeping of the migrations themselves.
      const tables = catalog.tables.filter((table) => table.name !== 'schema_migration');
      return `-- Family ${family}\n\n${toSql({ ...catalog, tables })}`.trimEnd();
    }),
  );
  return `${[header, ...parts].join('\n\n')}\n`;
}

const header = `-- Written by \`node tools/schema.ts\` from the catalog of a migrated database; do not edit. For reading: what holds is
-- server/migrations.`;

if (import.meta.main) {
  const server = await startTestServer();
  try {
    const urls = families.map((family) => [
      family,
      urlOf(server.adminUrl, `${server.run}_template_${family}`),
    ]);
    await writeFile(schemaFile, await schemaOf(Object.fromEntries(urls) as FamilyUrls));
  } finally {
    await server.stop();
  }
}
