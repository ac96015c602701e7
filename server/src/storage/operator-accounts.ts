import type { PersonKind } from '@aside/protocol';
import type { PersonId, SessionId } from '../base/ids.ts';
import { toNewPerson, type UserRow } from './accounts.ts';
import type { Database, Queries } from './database.ts';
import { indexNames } from './directory.ts';
import type { NewPerson } from './people.ts';

// Accounts that a host application brings in bulk: no password, a placeholder address, a session at once.

/** The domain of the placeholder addresses (RFC 2606: nobody can have it); sign-up refuses it. */
export const placeholderDomain = 'people.invalid';

export interface OperatorAccount {
  /** Lower case. */
  username: string;
  name: string;
  /** Null keeps what is there; a new account becomes a person. */
  kind: PersonKind | null;
  owner: string | null;
  /** Holds for a new account only. */
  createdAt: Date;
  /** Used when the account or its session is not there yet. */
  newId: PersonId;
  newSession: { id: SessionId; token: string };
}

export type OperatorOutcome =
  | { outcome: 'done'; accounts: (NewPerson & { token: string })[] }
  /** Nothing was written: these names were retired, or belong to people who signed up themselves. */
  | { outcome: 'taken'; usernames: string[] };

/**
 * Makes the accounts that are missing, updates name, kind and owner of the others, and gives each a session that
 * lives at least a week more; the session of an earlier call is used again. All or nothing. Each username once.
 */
export async function upsertOperatorAccounts(
  db: Database,
  accounts: readonly OperatorAccount[],
  times: { now: number; sessionEndsAt: number },
): Promise<OperatorOutcome> {
  // In one order, so that two calls with the same people wait for each other instead of deadlocking.
  const people = accounts.toSorted((a, b) => (a.username < b.username ? -1 : 1));
  const names = people.map(({ username }) => username);
  const work = db.transaction(async (tx): Promise<OperatorOutcome> => {
    await refuseTaken(tx, names);
    const fresh = await insertMissing(tx, people, times.now);
    // Somebody may have signed up with one of the names since the first look.
    await refuseTaken(tx, names);
    const renamed = await updateChanged(tx, people, times.now);
    const rows = await tx.query<UserRow>(
      `select id, username, name, kind, owner, "createdAt" from "user"
       where username = any($1) and "madeByOperator"`,
      [names],
    );
    const changed = new Set([...fresh, ...renamed]);
    await indexNames(
      tx,
      rows.filter(({ id }) => changed.has(id)),
    );
    const tokens = await giveSessions(tx, rows, people, times);
    return {
      outcome: 'done',
      accounts: rows.map((row) => ({ ...toNewPerson(row), token: tokens.get(row.id) as string })),
    };
  });
  return work.catch((error: unknown) => {
    if (error instanceof Taken) return { outcome: 'taken', usernames: error.usernames };
    throw error;
  });
}

/** The ids behind lower-cased usernames; who is not there is left out. */
export async function findPersonIdsByUsername(
  db: Queries,
  usernames: readonly string[],
): Promise<Map<string, PersonId>> {
  const rows = await db.query<{ id: PersonId; username: string }>(
    'select id, username from "user" where username = any($1)',
    [usernames],
  );
  return new Map(rows.map(({ id, username }) => [username, id]));
}

/** Thrown to undo the transaction. */
class Taken extends Error {
  readonly usernames: string[];
  constructor(usernames: string[]) {
    super('usernames taken');
    this.usernames = usernames;
  }
}

async function refuseTaken(tx: Queries, usernames: string[]): Promise<void> {
  const rows = await tx.query<{ username: string }>(
    `select username from retired_username where username = any($1)
     union all select username from "user" where username = any($1) and not "madeByOperator" order by 1`,
    [usernames],
  );
  if (rows.length > 0) throw new Taken(rows.map(({ username }) => username));
}

async function insertMissing(
  tx: Queries,
  people: readonly OperatorAccount[],
  now: number,
): Promise<PersonId[]> {
  const rows = await tx.query<{ id: PersonId }>(
    `insert into "user" (id, username, email, name, kind, owner, "createdAt", "updatedAt", "emailVerified", "madeByOperator")
     select p.id, p.username, p.username || '@${placeholderDomain}', p.name, coalesce(p.kind, 'person'), p.owner, p.created_at, $7, false, true
     from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[])
       as p (id, username, name, kind, owner, created_at)
     on conflict do nothing returning id`,
    [
      people.map((person) => person.newId),
      people.map((person) => person.username),
      people.map((person) => person.name),
      people.map((person) => person.kind),
      people.map((person) => person.owner),
      people.map((person) => person.createdAt),
      new Date(now),
    ],
  );
  return rows.map(({ id }) => id);
}

async function updateChanged(
  tx: Queries,
  people: readonly OperatorAccount[],
  now: number,
): Promise<PersonId[]> {
  const rows = await tx.query<{ id: PersonId }>(
    `update "user" u
     set name = p.name, kind = coalesce(p.kind, u.kind), owner = coalesce(p.owner, u.owner), "updatedAt" = $5
     from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as p (username, name, kind, owner)
     where u.username = p.username and u."madeByOperator"
       and (u.name, u.kind, u.owner)
         is distinct from (p.name, coalesce(p.kind, u.kind), coalesce(p.owner, u.owner))
     returning u.id`,
    [
      people.map((person) => person.username),
      people.map((person) => person.name),
      people.map((person) => person.kind),
      people.map((person) => person.owner),
      new Date(now),
    ],
  );
  return rows.map(({ id }) => id);
}

const weekMs = 7 * 86_400_000;
/** What a session of this route shows in the person's list of sessions, and how a later call finds it. */
const operatorAgent = 'Host application';

async function giveSessions(
  tx: Queries,
  rows: readonly UserRow[],
  people: readonly OperatorAccount[],
  times: { now: number; sessionEndsAt: number },
): Promise<Map<PersonId, string>> {
  const living = await tx.query<{ userId: PersonId; token: string }>(
    `select distinct on ("userId") "userId", token from session
     where "userId" = any($1) and "userAgent" = $2 and "expiresAt" > $3 order by "userId", "createdAt" desc`,
    [rows.map(({ id }) => id), operatorAgent, new Date(times.now + weekMs)],
  );
  const tokens = new Map(living.map(({ userId, token }) => [userId, token]));
  const drafts = new Map(people.map(({ username, newSession }) => [username, newSession]));
  const missing = rows
    .filter(({ id }) => !tokens.has(id))
    .map(({ id, username }) => ({
      ...(drafts.get(username) as OperatorAccount['newSession']),
      userId: id,
    }));
  await tx.query(
    `insert into session (id, token, "userId", "userAgent", "ipAddress", "createdAt", "updatedAt", "expiresAt")
     select s.id, s.token, s.user_id, $4, '', $5, $5, $6
     from unnest($1::text[], $2::text[], $3::text[]) as s (id, token, user_id)`,
    [
      missing.map(({ id }) => id),
      missing.map(({ token }) => token),
      missing.map(({ userId }) => userId),
      operatorAgent,
      new Date(times.now),
      new Date(times.sessionEndsAt),
    ],
  );
  for (const { userId, token } of missing) tokens.set(userId, token);
  return tokens;
}
