import type { PersonCard, PersonKind, Reach } from '@aside/protocol';
import type { ConversationId, PersonId } from '../base/ids.ts';
import { personKinds, reaches } from './codes.ts';
import type { Queries } from './database.ts';

// Profiles, settings and the pair registry: one row per person.

export interface NewPerson {
  id: PersonId;
  username: string;
  name: string;
  kind: PersonKind;
  owner: string | null;
  createdAt: Date;
}

export interface PersonRow extends NewPerson {
  bio: string;
  website: string;
  reach: Reach;
}

/** Writes people; a living one that exists gets the new name, kind and owner and keeps all else. Safe to repeat. */
export async function upsertPeople(db: Queries, people: readonly NewPerson[]): Promise<void> {
  await db.query(
    `insert into person (user_id, username, name, bio, website, kind, owner, created_at, reach)
     select user_id, username, name, '', '', kind, owner, created_at, 1
     from unnest($1::bigint[], $2::text[], $3::text[], $4::smallint[], $5::text[], $6::timestamptz[])
       as p (user_id, username, name, kind, owner, created_at)
     order by user_id
     on conflict (user_id) do update set name = excluded.name, kind = excluded.kind, owner = excluded.owner
     where person.deleted_at is null`,
    [
      people.map((p) => p.id),
      people.map((p) => p.username),
      people.map((p) => p.name),
      people.map((p) => personKinds.toNumber(p.kind)),
      people.map((p) => p.owner),
      people.map((p) => p.createdAt),
    ],
  );
}

/** Writes people that are missing and leaves the others as they are. Safe to repeat. */
export async function insertMissingPerson(db: Queries, person: NewPerson): Promise<void> {
  await db.query(
    `insert into person (user_id, username, name, bio, website, kind, owner, created_at, reach)
     values ($1, $2, $3, '', '', $4, $5, $6, 1) on conflict (user_id) do nothing`,
    [
      person.id,
      person.username,
      person.name,
      personKinds.toNumber(person.kind),
      person.owner,
      person.createdAt,
    ],
  );
}

/** A living account's row, or null. */
export async function findPerson(db: Queries, id: PersonId): Promise<PersonRow | null> {
  return (await findPeople(db, [id])).get(id) ?? null;
}

/** Living accounts' rows, by id. */
export async function findPeople(
  db: Queries,
  ids: readonly PersonId[],
): Promise<Map<PersonId, PersonRow>> {
  if (ids.length === 0) return new Map();
  const rows = await db.query<RawPerson>(
    `select user_id, username, name, bio, website, kind, owner, created_at, reach
     from person where user_id = any ($1::bigint[]) and deleted_at is null`,
    [ids],
  );
  return new Map(rows.map((row) => [row.user_id, toPerson(row)]));
}

/** Cards for showing, deleted accounts included: those carry no name and an empty username. */
export async function findPersonCards(
  db: Queries,
  ids: readonly PersonId[],
): Promise<Map<PersonId, PersonCard>> {
  if (ids.length === 0) return new Map();
  const rows = await db.query<{ user_id: PersonId; username: string; name: string; kind: number }>(
    'select user_id, username, name, kind from person where user_id = any ($1::bigint[])',
    [ids],
  );
  return new Map(
    rows.map((row) => [
      row.user_id,
      {
        id: row.user_id,
        username: row.username,
        name: row.name,
        kind: personKinds.toWord(row.kind),
      },
    ]),
  );
}

/**
 * Holds back everybody else who takes these people's locks, lowest id first, until the transaction ends. What
 * must agree over several rows of one person, such as follows and blocks, is written under it.
 */
export async function lockPeople(tx: Queries, ids: readonly PersonId[]): Promise<void> {
  await tx.query(
    'select from person where user_id = any ($1::bigint[]) order by user_id for no key update',
    [ids],
  );
}

/** Writes the fields that are named and leaves the others; false when there is no living account. */
export async function updateProfile(
  db: Queries,
  id: PersonId,
  change: { name?: string; bio?: string; website?: string },
): Promise<boolean> {
  const rows = await db.query(
    `update person set name = coalesce($2, name), bio = coalesce($3, bio), website = coalesce($4, website)
     where user_id = $1 and deleted_at is null returning user_id`,
    [id, change.name ?? null, change.bio ?? null, change.website ?? null],
  );
  return rows.length > 0;
}

/** How recipients stand towards senders: gone, their reach, and whether they follow the sender. Order as asked. */
export async function findReach(
  db: Queries,
  pairs: readonly { recipientId: PersonId; senderId: PersonId }[],
): Promise<{ gone: boolean; reach: Reach; follows: boolean }[]> {
  const rows = await db.query<{ reach: number | null; follows: boolean }>(
    `select p.reach, f.user_id is not null as follows
     from unnest($1::bigint[], $2::bigint[]) with ordinality as k (recipient_id, sender_id, n)
     left join person p on p.user_id = k.recipient_id and p.deleted_at is null
     left join follow f on f.user_id = k.recipient_id and f.followee_id = k.sender_id
     order by k.n`,
    [pairs.map((p) => p.recipientId), pairs.map((p) => p.senderId)],
  );
  return rows.map((row) => ({
    gone: row.reach === null,
    reach: row.reach === null ? 'nobody' : reaches.toWord(row.reach),
    follows: row.follows,
  }));
}

/**
 * The conversation registered for a pair (`low` the lower id); registers `fresh` if there is none. Two callers
 * with different fresh ids get the same answer.
 */
export async function registerPair(
  db: Queries,
  low: PersonId,
  high: PersonId,
  fresh: ConversationId,
): Promise<ConversationId> {
  await db.query(
    'insert into pair (low_id, high_id, conversation_id) values ($1, $2, $3) on conflict (low_id, high_id) do nothing',
    [low, high, fresh],
  );
  const id = await findPair(db, low, high);
  if (id === null) throw new Error('a pair vanished right after it was registered');
  return id;
}

export async function findPair(
  db: Queries,
  low: PersonId,
  high: PersonId,
): Promise<ConversationId | null> {
  const rows = await db.query<{ conversation_id: ConversationId }>(
    'select conversation_id from pair where low_id = $1 and high_id = $2',
    [low, high],
  );
  return rows[0]?.conversation_id ?? null;
}

/** The conversations of one person with each of these, where registered. */
export async function findPairs(
  db: Queries,
  personId: PersonId,
  others: readonly PersonId[],
): Promise<Map<PersonId, ConversationId>> {
  const rows = await db.query<{ other_id: PersonId; conversation_id: ConversationId }>(
    `select o.other_id, p.conversation_id from unnest($2::bigint[]) as o (other_id)
     join pair p on p.low_id = least($1::bigint, o.other_id) and p.high_id = greatest($1::bigint, o.other_id)`,
    [personId, others],
  );
  return new Map(rows.map((row) => [row.other_id, row.conversation_id]));
}

/**
 * A page of the direct conversations registered for a person: those in which theirs is the lower id, or the
 * higher. Ordered by the other's id, after `afterId`. The higher side asks every part of a spread family.
 */
export async function listPairs(
  db: Queries,
  personId: PersonId,
  side: 'low' | 'high',
  afterId: PersonId | '0',
  limit: number,
): Promise<{ otherId: PersonId; conversationId: ConversationId }[]> {
  const rows = await db.query<{ other_id: PersonId; conversation_id: ConversationId }>(
    listPairsSql[side],
    [personId, afterId, limit],
  );
  return rows.map((row) => ({ otherId: row.other_id, conversationId: row.conversation_id }));
}

const listPairsSql = {
  low: `select high_id as other_id, conversation_id from pair
        where low_id = $1 and high_id > $2 order by high_id limit $3`,
  high: `select low_id as other_id, conversation_id from pair
         where high_id = $1 and low_id > $2 order by low_id limit $3`,
} as const;

/** From now on nobody can write to this person for the first time; the rest of them is still to be deleted. */
export async function markPersonDeleted(db: Queries, id: PersonId, at: Date): Promise<void> {
  await db.query('update person set deleted_at = $2 where user_id = $1 and deleted_at is null', [
    id,
    at,
  ]);
}

/** Deletes what a person alone owns and leaves a nameless row, so that old conversations can say who is gone. */
export async function erasePerson(tx: Queries, id: PersonId, at: Date): Promise<void> {
  // The row first: it is the lock that follows and blocks take, and they write nothing for a deleted person.
  await tx.query(
    `update person set username = '', name = '', bio = '', website = '', owner = null, reach = 0, deleted_at = $2
     where user_id = $1`,
    [id, at],
  );
  for (const table of ownedTables) {
    await tx.query(`delete from ${table} where user_id = $1`, [id]);
  }
}

/** What belongs to a person alone. What was said about them by others stays with those. */
const ownedTables = [
  'follow',
  'block',
  'mute',
  'inbox',
  'feed_position',
  'ledger',
  'consent',
  'owner_refusal',
  'first_contact',
  'reported',
  'sent_host',
  'held',
] as const;

interface RawPerson {
  user_id: PersonId;
  username: string;
  name: string;
  bio: string;
  website: string;
  kind: number;
  owner: string | null;
  created_at: Date;
  reach: number;
}

function toPerson(row: RawPerson): PersonRow {
  return {
    id: row.user_id,
    username: row.username,
    name: row.name,
    bio: row.bio,
    website: row.website,
    kind: personKinds.toWord(row.kind),
    owner: row.owner,
    createdAt: row.created_at,
    reach: reaches.toWord(row.reach),
  };
}
