import type { PersonId, SessionId } from '../base/ids.ts';
import { keyIdOf, keySessionId } from '../domain/ended-sessions.ts';
import type { KeyId } from '../base/ids.ts';
import type { Queries } from './database.ts';

/** What a socket began with, as it stands in the tables now. */
export interface StandingSession {
  personId: PersonId;
  suspended: boolean;
}

/** Those of these sessions and keys that have not ended; expiry is left to who holds them. */
export async function findStandingSessions(
  db: Queries,
  ids: readonly SessionId[],
): Promise<Map<SessionId, StandingSession>> {
  const keys = ids.flatMap((id) => keyIdOf(id) ?? []);
  const sessions = ids.filter((id) => keyIdOf(id) === null);
  const [sessionRows, keyRows] = await Promise.all([
    sessions.length === 0 ? [] : db.query<Row<SessionId>>(sql('session'), [sessions]),
    keys.length === 0 ? [] : db.query<Row<KeyId>>(sql('api_key'), [keys]),
  ]);
  return new Map([
    ...sessionRows.map(({ id, ...row }) => [id, row] as const),
    ...keyRows.map(({ id, ...row }) => [keySessionId(id), row] as const),
  ]);
}

interface Row<Id> extends StandingSession {
  id: Id;
}

const sql = (table: 'session' | 'api_key'): string =>
  `select s.id, u.id as "personId", u."suspendedAt" is not null as suspended
   from ${table} s join "user" u on u.id = s."userId" where s.id = any($1)`;
