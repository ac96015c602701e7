import type { FamilyUrls } from '../../src/base/family.ts';
import { readCatalog } from './catalog.ts';
import { ask } from './sql.ts';

/** All rows of the families conversation and person, as one value to compare: nothing stored means nothing changed. */
export async function snapshot(urls: FamilyUrls): Promise<Record<string, string>> {
  const rows: Record<string, string> = {};
  for (const url of new Set([urls.conversation, urls.person])) {
    for (const { name } of (await readCatalog(url)).tables) {
      if (!ours.has(name)) continue;
      const [row] = await ask<{ rows: string }>(
        url,
        `select count(*) || ' ' || coalesce(md5(string_agg(t::text, chr(10) order by t::text)), '') as rows from ${name} t`,
      );
      rows[name] = row!.rows;
    }
  }
  return rows;
}

const ours = new Set(
  `conversation member message receipt outbox edit permit
   person follow block mute report pair intent feed_position inbox
   ledger consent owner_refusal first_contact reported sent_host held`.split(/\s+/),
);
