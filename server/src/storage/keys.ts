import type { PersonKind } from '@aside/protocol';
import type { KeyId, PersonId } from '../base/ids.ts';
import { toNewPerson, type UserRow } from './accounts.ts';
import type { Queries } from './database.ts';
import type { NewPerson } from './people.ts';

// Family identity: API keys. Only their hash is here.

export interface LiveKey {
  keyId: KeyId;
  personId: PersonId;
  /** Milliseconds since 1970; null while it was never used. */
  lastUsedAt: number | null;
  suspended: boolean;
  kind: PersonKind;
  /** Not null: the person family was perhaps never told of this account. */
  unmadePerson: NewPerson | null;
}

/** The key with this sha-256; null when there is none. */
export async function findKeyByHash(db: Queries, hash: Buffer): Promise<LiveKey | null> {
  const [row] = await db.query<KeyAndUser>(
    `select k.id as "keyId", k."lastUsedAt", u.id, u."personMade", u."suspendedAt", u.username, u.name, u.kind,
       u.owner, u."createdAt"
     from api_key k join "user" u on u.id = k."userId" where k.hash = $1`,
    [hash],
  );
  if (!row) return null;
  return {
    keyId: row.keyId,
    personId: row.id,
    lastUsedAt: row.lastUsedAt?.getTime() ?? null,
    suspended: row.suspendedAt !== null,
    kind: row.kind as PersonKind,
    unmadePerson: row.personMade ? null : toNewPerson(row),
  };
}

/** Notes a use at `now`, unless one was noted after `unlessAfter`; so several nodes write once. */
export async function markKeyUsed(
  db: Queries,
  id: KeyId,
  now: number,
  unlessAfter: number,
): Promise<void> {
  await db.query(
    `update api_key set "lastUsedAt" = $2
     where id = $1 and ("lastUsedAt" is null or "lastUsedAt" <= $3)`,
    [id, new Date(now), new Date(unlessAfter)],
  );
}

export interface NewKeyRow {
  id: KeyId;
  personId: PersonId;
  name: string;
  hash: Buffer;
  hint: string;
  createdAt: Date;
}

/** Needs the transaction of `lockAccount`, so that what was counted still holds. */
export async function insertKey(tx: Queries, key: NewKeyRow): Promise<void> {
  await tx.query(
    `insert into api_key (id, "userId", name, hash, hint, "createdAt") values ($1, $2, $3, $4, $5, $6)`,
    [key.id, key.personId, key.name, key.hash, key.hint, key.createdAt],
  );
}

/** Locks the account's row until the transaction ends; false when there is no such account any more. */
export async function lockAccount(tx: Queries, id: PersonId): Promise<boolean> {
  const rows = await tx.query('select 1 from "user" where id = $1 for no key update', [id]);
  return rows.length > 0;
}

export async function countKeys(db: Queries, personId: PersonId): Promise<number> {
  const [row] = await db.query<{ count: number }>(
    'select count(*)::int as count from api_key where "userId" = $1',
    [personId],
  );
  return row?.count ?? 0;
}

export interface KeyRow {
  id: KeyId;
  name: string;
  hint: string;
  createdAt: Date;
  lastUsedAt: Date | null;
}

/** A person's keys, newest first. */
export async function listKeys(db: Queries, personId: PersonId): Promise<KeyRow[]> {
  return db.query<KeyRow>(
    `select id, name, hint, "createdAt", "lastUsedAt" from api_key
     where "userId" = $1 order by "createdAt" desc, id desc`,
    [personId],
  );
}

/** True when it was this person's and is gone now. */
export async function deleteKey(db: Queries, personId: PersonId, id: KeyId): Promise<boolean> {
  const rows = await db.query('delete from api_key where id = $2 and "userId" = $1 returning id', [
    personId,
    id,
  ]);
  return rows.length > 0;
}

interface KeyAndUser extends UserRow {
  keyId: KeyId;
  lastUsedAt: Date | null;
  personMade: boolean;
  suspendedAt: Date | null;
}
