import type { Settings, SettingsChange } from '@aside/protocol';
import type { PersonId } from '../base/ids.ts';
import { reaches } from './codes.ts';
import type { Queries } from './database.ts';

// What a person has chosen for themselves, kept in their row of the person family.

/** Null when there is no living account. */
export async function findSettings(db: Queries, id: PersonId): Promise<Settings | null> {
  const [row] = await db.query<{ reach: number; read_receipts: boolean; typing: boolean }>(
    'select reach, read_receipts, typing from person where user_id = $1 and deleted_at is null',
    [id],
  );
  if (!row) return null;
  return {
    reach: reaches.toWord(row.reach),
    readReceipts: row.read_receipts,
    typing: row.typing,
  };
}

/** Writes the settings that are named and leaves the others. */
export async function updateSettings(
  db: Queries,
  id: PersonId,
  { reach, readReceipts, typing }: SettingsChange,
): Promise<void> {
  await db.query(
    `update person set reach = coalesce($2::smallint, reach), read_receipts = coalesce($3::boolean, read_receipts),
       typing = coalesce($4::boolean, typing)
     where user_id = $1 and deleted_at is null`,
    [
      id,
      reach === undefined ? null : reaches.toNumber(reach),
      readReceipts ?? null,
      typing ?? null,
    ],
  );
}

/** Those of these people who give and take typing marks. */
export async function findTypingSharers(
  db: Queries,
  ids: readonly PersonId[],
): Promise<Set<PersonId>> {
  const rows = await db.query<{ user_id: PersonId }>(
    'select user_id from person where user_id = any ($1::bigint[]) and typing and deleted_at is null',
    [ids],
  );
  return new Set(rows.map((row) => row.user_id));
}
