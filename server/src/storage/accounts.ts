import { createHash } from 'node:crypto';
import { usernamePattern, type PersonKind } from '@aside/protocol';
import type { PersonId, SessionId } from '../base/ids.ts';
import type { Database, Queries } from './database.ts';
import type { NewPerson } from './people.ts';

// Family identity: what we ask and change besides better-auth, which keeps "user", session, account, verification
// and "twoFactor" through its own adapter. The directory of names is in directory.ts, the bulk door in operator-accounts.ts.

export interface LiveSession {
  sessionId: SessionId;
  personId: PersonId;
  /** Milliseconds since 1970, as is renewedAt. */
  expiresAt: number;
  renewedAt: number;
  suspended: boolean;
  kind: PersonKind;
  /** Not null: the person family was perhaps never told of this account. */
  unmadePerson: NewPerson | null;
}

/** The session with this token, also an expired one; null when there is none. */
export async function findSessionByToken(db: Queries, token: string): Promise<LiveSession | null> {
  const [row] = await db.query<SessionAndUser>(
    `select s.id as "sessionId", s."expiresAt", s."updatedAt", u.id, u."personMade", u."suspendedAt", u.username,
       u.name, u.kind, u.owner, u."createdAt"
     from session s join "user" u on u.id = s."userId" where s.token = $1`,
    [token],
  );
  if (!row) return null;
  return {
    sessionId: row.sessionId,
    personId: row.id,
    expiresAt: row.expiresAt.getTime(),
    renewedAt: row.updatedAt.getTime(),
    suspended: row.suspendedAt !== null,
    kind: row.kind as PersonKind,
    unmadePerson: row.personMade ? null : toNewPerson(row),
  };
}

/** Moves the end of a session; nothing happens when it has ended meanwhile. */
export async function renewSession(
  db: Queries,
  id: SessionId,
  renewedAt: number,
  expiresAt: number,
): Promise<void> {
  await db.query('update session set "updatedAt" = $2, "expiresAt" = $3 where id = $1', [
    id,
    new Date(renewedAt),
    new Date(expiresAt),
  ]);
}

export interface SessionRow {
  id: SessionId;
  createdAt: Date;
  expiresAt: Date;
  userAgent: string;
}

export async function isLiveSession(db: Queries, id: SessionId): Promise<boolean> {
  const rows = await db.query('select from session where id = $1', [id]);
  return rows.length > 0;
}

/** A person's living sessions, newest first. */
export async function listSessions(
  db: Queries,
  personId: PersonId,
  now: number,
): Promise<SessionRow[]> {
  return db.query<SessionRow>(
    `select id, "createdAt", "expiresAt", coalesce("userAgent", '') as "userAgent" from session
     where "userId" = $1 and "expiresAt" > $2 order by "createdAt" desc, id desc`,
    [personId, new Date(now)],
  );
}

/** True when it was this person's and is gone now. */
export async function deleteSession(
  db: Queries,
  personId: PersonId,
  id: SessionId,
): Promise<boolean> {
  const rows = await db.query('delete from session where id = $2 and "userId" = $1 returning id', [
    personId,
    id,
  ]);
  return rows.length > 0;
}

/** Ends all sessions of a person but one; answers which. */
export async function deleteOtherSessions(
  db: Queries,
  personId: PersonId,
  keep: SessionId,
): Promise<SessionId[]> {
  const rows = await db.query<{ id: SessionId }>(
    'delete from session where "userId" = $1 and id <> $2 returning id',
    [personId, keep],
  );
  return rows.map((row) => row.id);
}

/** Keeps a person's newest `keep` sessions; answers which had to go. */
export async function deleteOldestSessions(
  db: Queries,
  personId: PersonId,
  keep: number,
): Promise<SessionId[]> {
  const rows = await db.query<{ id: SessionId }>(
    `delete from session where id in (
       select id from session where "userId" = $1 order by "createdAt" desc, id desc offset $2)
     returning id`,
    [personId, keep],
  );
  return rows.map((row) => row.id);
}

/** The person family holds this person now. */
export async function markPeopleMade(db: Queries, ids: readonly PersonId[]): Promise<void> {
  await db.query('update "user" set "personMade" = true where id = any($1) and not "personMade"', [
    ids,
  ]);
}

/** True when this name belonged to an account that was deleted. */
export async function isRetiredUsername(db: Queries, username: string): Promise<boolean> {
  const rows = await db.query('select 1 from retired_username where username = $1', [username]);
  return rows.length > 0;
}

/** True when somebody can sign in under this name with a password (people of the operator cannot). */
export async function hasPassword(db: Queries, username: string): Promise<boolean> {
  const rows = await db.query(
    `select 1 from "user" u join account a on a."userId" = u.id
     where u.username = $1 and a."providerId" = 'credential' and a.password is not null`,
    [username],
  );
  return rows.length > 0;
}

/** When the newest verification value of this kind ends, in ms; null when there is none. */
export async function verificationExpiresAt(
  db: Queries,
  identifier: string,
): Promise<number | null> {
  const [row] = await db.query<{ expiresAt: Date }>(
    'select "expiresAt" from verification where identifier = $1 order by "createdAt" desc limit 1',
    [createHash('sha256').update(identifier).digest('base64url')],
  );
  return row ? row.expiresAt.getTime() : null;
}

/** The address of an account; empty for people whom the operator brought, null for nobody. */
export async function emailOf(db: Queries, id: PersonId): Promise<string | null> {
  const [row] = await db.query<{ email: string; madeByOperator: boolean }>(
    'select email, "madeByOperator" from "user" where id = $1',
    [id],
  );
  if (!row) return null;
  return row.madeByOperator ? '' : row.email;
}

/**
 * Deletes an account with its sessions, credentials and directory entries and retires its name for ever, in one
 * transaction. Safe to repeat. The caller ends the person's sockets.
 */
export async function deleteIdentity(db: Database, id: PersonId): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.query(
      `insert into retired_username (username, "retiredAt") select username, current_timestamp from "user" where id = $1
       on conflict do nothing`,
      [id],
    );
    // Reset and second-factor challenges name their account in `value`.
    await tx.query('delete from verification where value = $1', [id]);
    await tx.query('delete from "user" where id = $1', [id]);
  });
}

/** Removes what has run out; for a daily job. */
export async function sweepIdentity(db: Queries, now: number): Promise<void> {
  await db.query('delete from session where "expiresAt" < $1', [new Date(now)]);
  await db.query('delete from verification where "expiresAt" < $1', [new Date(now)]);
}

export async function findPersonIdByUsername(
  db: Queries,
  username: string,
): Promise<PersonId | null> {
  const folded = username.toLowerCase();
  if (!isUsername(folded)) return null;
  const [row] = await db.query<{ id: PersonId }>('select id from "user" where username = $1', [
    folded,
  ]);
  return row?.id ?? null;
}

/** Suspends this account since then, or lifts it with null; whose it is, or null for nobody's name. */
export async function updateSuspension(
  db: Queries,
  username: string,
  since: Date | null,
): Promise<PersonId | null> {
  const folded = username.toLowerCase();
  if (!isUsername(folded)) return null;
  const [row] = await db.query<{ id: PersonId }>(
    `update "user" set "suspendedAt" = case when $2::timestamptz is null then null else coalesce("suspendedAt", $2) end
     where username = $1 returning id`,
    [folded, since],
  );
  return row?.id ?? null;
}

/** True while the operator has suspended this account. */
export async function isSuspended(db: Queries, personId: PersonId): Promise<boolean> {
  const rows = await db.query('select from "user" where id = $1 and "suspendedAt" is not null', [
    personId,
  ]);
  return rows.length > 0;
}

/** True for a lower-cased name of the right form, taken or not. */
export function isUsername(text: string): boolean {
  return usernameForm.test(text);
}

const usernameForm = new RegExp(usernamePattern);

export interface UserRow {
  id: PersonId;
  username: string;
  name: string;
  kind: string;
  owner: string | null;
  createdAt: Date;
}

interface SessionAndUser extends UserRow {
  sessionId: SessionId;
  expiresAt: Date;
  updatedAt: Date;
  personMade: boolean;
  suspendedAt: Date | null;
}

export function toNewPerson(row: UserRow): NewPerson {
  return {
    id: row.id,
    username: row.username,
    name: row.name,
    kind: row.kind as PersonKind,
    createdAt: row.createdAt,
    owner: row.owner,
  };
}
