import type { Folder, Place, RequestCounts } from '@aside/protocol';
import type { ConversationId, PersonId } from '../base/ids.ts';
import { requestKeptMs, type Stance } from '../domain/contact.ts';
import { plainArray } from './arrays.ts';
import { folders } from './codes.ts';
import type { Queries } from './database.ts';

// One row per person and conversation: what a list shows, what is unread, and the order of changes (`pos`).

export interface InboxRow {
  personId: PersonId;
  conversationId: ConversationId;
  /** The other person of a direct conversation, oneself in a note. */
  peerId: PersonId | null;
  folder: Place;
  /** Why a request makes no badge, as bits. */
  quiet: number;
  muted: boolean;
  headSeq: number;
  readSeq: number;
  lastActivityAt: Date;
  pos: number;
}

/** What is known to be true at least; rows only ever move forward to it. */
export interface InboxChange {
  personId: PersonId;
  conversationId: ConversationId;
  peerId: PersonId | null;
  headSeq: number;
  readSeq: number;
  lastActivityAt: Date;
  /** Where it lies; the one with the highest `rev` holds. Left out: it stays where it is. */
  placing?: Placing;
}

export interface Placing {
  place: Place;
  rev: number;
  quiet: number;
  /** When a request goes away by itself. */
  expiresAt: Date | null;
}

/** What a member's stance says about where the conversation lies for them. */
export function placingOf(stance: Stance): Placing {
  const { place, placeRev: rev, quiet, contact, requestedAt } = stance;
  const expires = place === 'requests' && contact === 'pending' && requestedAt !== null;
  return { place, rev, quiet, expiresAt: expires ? new Date(requestedAt + requestKeptMs) : null };
}

/**
 * Raises inbox rows to at least these values and gives each a new `pos` from its person's counter. Safe to
 * repeat and to run in any order: every value is a maximum. The counter's row lock, taken in order of person,
 * makes `pos` commit-ordered for one person and keeps two writers from locking each other out.
 * (person, conversation) must not occur twice in one call. Who is deleted gets no rows, however late the news comes.
 */
export async function raiseInboxRows(
  db: Queries,
  changes: readonly InboxChange[],
): Promise<InboxRow[]> {
  const rankOf = new Map<PersonId, number>();
  const rank = (personId: PersonId): number => {
    const next = rankOf.get(personId) ?? 0;
    rankOf.set(personId, next + 1);
    return next;
  };
  const rows = await db.query<RawInbox>(raiseInboxRowsSql, [
    plainArray(changes, (c) => c.personId),
    plainArray(changes, (c) => c.conversationId),
    plainArray(changes, (c) => c.peerId),
    plainArray(changes, (c) => c.headSeq),
    plainArray(changes, (c) => c.readSeq),
    plainArray(changes, (c) => c.lastActivityAt.toISOString()),
    plainArray(changes, (c) => rank(c.personId)),
    plainArray(changes, (c) => folders.toNumber(c.placing?.place ?? 'inbox')),
    plainArray(changes, (c) => c.placing?.rev ?? -1),
    plainArray(changes, (c) => c.placing?.quiet ?? 0),
    plainArray(changes, (c) => c.placing?.expiresAt?.toISOString() ?? null),
  ]);
  return rows.map(toInboxRow);
}

const inboxColumns = `inbox.user_id, inbox.conversation_id, inbox.peer_id, inbox.folder, inbox.quiet, inbox.muted,
  inbox.head_seq, inbox.read_seq, inbox.last_activity_at, inbox.pos`;

const raiseInboxRowsSql = `
with entry as materialized (
  select * from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::timestamptz[], $7::bigint[],
                       $8::smallint[], $9::bigint[], $10::smallint[], $11::timestamptz[])
    as e (user_id, conversation_id, peer_id, head_seq, read_seq, at, rank, folder, folder_rev, quiet, expires_at)
  where (select p.deleted_at from person p where p.user_id = e.user_id) is null
), bump as (
  insert into feed_position (user_id, pos)
  select user_id, count(*) from entry group by user_id order by user_id
  on conflict (user_id) do update set pos = feed_position.pos + excluded.pos
  returning user_id, pos
)
insert into inbox (user_id, conversation_id, peer_id, folder, folder_rev, quiet, expires_at, muted, head_seq, read_seq,
                   last_activity_at, pos)
select e.user_id, e.conversation_id, e.peer_id, e.folder, e.folder_rev, e.quiet, e.expires_at,
       exists (select from mute m where m.user_id = e.user_id and m.muted_id = e.peer_id),
       e.head_seq, e.read_seq, e.at, bump.pos - e.rank
from entry e join bump on bump.user_id = e.user_id
on conflict (user_id, conversation_id) do update set
  head_seq = greatest(inbox.head_seq, excluded.head_seq),
  read_seq = greatest(inbox.read_seq, excluded.read_seq),
  last_activity_at = greatest(inbox.last_activity_at, excluded.last_activity_at),
  folder = case when excluded.folder_rev > inbox.folder_rev then excluded.folder else inbox.folder end,
  quiet = case when excluded.folder_rev > inbox.folder_rev then excluded.quiet else inbox.quiet end,
  expires_at = case when excluded.folder_rev > inbox.folder_rev then excluded.expires_at else inbox.expires_at end,
  folder_rev = greatest(inbox.folder_rev, excluded.folder_rev),
  pos = excluded.pos
returning ${inboxColumns}`;

export interface InboxPage {
  folder: Folder;
  /** Leaves out what is read or muted; reads past those rows, so its cost grows with the folder. */
  unreadOnly: boolean;
  /** Requests: only those with a badge, only those without; null for both. */
  quiet: boolean | null;
  /** Requests that have run out by then are left out. */
  now: Date;
  cursor: { at: Date; conversationId: ConversationId } | null;
  limit: number;
}

/** A page of one folder, latest activity first, below `cursor`. */
export async function listInboxRows(
  db: Queries,
  personId: PersonId,
  { folder, unreadOnly, quiet, now, cursor, limit }: InboxPage,
): Promise<InboxRow[]> {
  const from = cursor ?? { at: 'infinity', conversationId: '9223372036854775807' };
  const rows = await db.query<RawInbox>(
    `select ${inboxColumns} from inbox
     where user_id = $1 and folder = $2 and (last_activity_at, conversation_id) < ($3, $4)
       and (not $6 or (head_seq > read_seq and not muted))
       and ($7::boolean is null or (quiet <> 0) = $7) and (expires_at is null or expires_at > $8)
     order by last_activity_at desc, conversation_id desc limit $5`,
    [
      personId,
      folders.toNumber(folder),
      from.at,
      from.conversationId,
      limit,
      unreadOnly,
      quiet,
      now,
    ],
  );
  return rows.map(toInboxRow);
}

const requestsCountedMax = 1_000;

/**
 * How many requests of a person wait for a decision now, with and without a badge; up to 1,000 of each. What was moved
 * back has been decided already.
 */
export async function countRequests(
  db: Queries,
  personId: PersonId,
  now: Date,
): Promise<RequestCounts> {
  const count = `select 1 from inbox where user_id = $1 and folder = 2 and expires_at > $2`;
  const rows = await db.query<{ waiting: string; quiet: string }>(
    `select (select count(*) from (${count} and quiet = 0 limit $3) w) as waiting,
            (select count(*) from (${count} and quiet > 0 limit $3) q) as quiet`,
    [personId, now, requestsCountedMax],
  );
  return { waiting: Number(rows[0]!.waiting), quiet: Number(rows[0]!.quiet) };
}

/** Requests of anybody, or of one person, that ran out before `now` and still lie in their folder. */
export async function listExpiredRequests(
  db: Queries,
  now: Date,
  limit: number,
  personId?: PersonId,
): Promise<{ personId: PersonId; conversationId: ConversationId }[]> {
  const whose = personId === undefined ? '' : 'and user_id = $3';
  const rows = await db.query<{ user_id: PersonId; conversation_id: ConversationId }>(
    `select user_id, conversation_id from inbox where folder = 2 and expires_at <= $1 ${whose}
     order by expires_at limit $2`,
    personId === undefined ? [now, limit] : [now, limit, personId],
  );
  return rows.map((row) => ({ personId: row.user_id, conversationId: row.conversation_id }));
}

/** Rows that changed after `pos`, oldest change first: what a device missed. */
export async function listInboxChanges(
  db: Queries,
  personId: PersonId,
  afterPos: number,
  limit: number,
): Promise<InboxRow[]> {
  const rows = await db.query<RawInbox>(
    `select ${inboxColumns} from inbox where user_id = $1 and pos > $2 order by pos limit $3`,
    [personId, afterPos, limit],
  );
  return rows.map(toInboxRow);
}

/**
 * Every row of a person, by conversation: a page behind `after`, up to and with `upTo`. Unlike `pos`, this order
 * does not change while somebody reads through it.
 */
export async function listInboxByConversation(
  db: Queries,
  personId: PersonId,
  { after, upTo }: { after: ConversationId | '0'; upTo: ConversationId },
  limit: number,
): Promise<InboxRow[]> {
  const rows = await db.query<RawInbox>(
    `select ${inboxColumns} from inbox where user_id = $1 and conversation_id > $2 and conversation_id <= $3
     order by conversation_id limit $4`,
    [personId, after, upTo, limit],
  );
  return rows.map(toInboxRow);
}

/** The highest conversation id in a person's inbox, which is the youngest conversation; null for an empty inbox. */
export async function findYoungestConversation(
  db: Queries,
  personId: PersonId,
): Promise<ConversationId | null> {
  const rows = await db.query<{ id: ConversationId | null }>(
    'select max(conversation_id) as id from inbox where user_id = $1',
    [personId],
  );
  return rows[0]?.id ?? null;
}

export async function findInboxRow(
  db: Queries,
  personId: PersonId,
  conversationId: ConversationId,
): Promise<InboxRow | null> {
  const rows = await db.query<RawInbox>(
    `select ${inboxColumns} from inbox where user_id = $1 and conversation_id = $2`,
    [personId, conversationId],
  );
  return rows[0] ? toInboxRow(rows[0]) : null;
}

/** Sets the mute mark of a direct conversation's row, if there is one, and gives it a new `pos`. */
export async function setInboxMuted(
  tx: Queries,
  personId: PersonId,
  peerId: PersonId,
  conversationId: ConversationId,
  muted: boolean,
): Promise<InboxRow | null> {
  const rows = await tx.query<RawInbox>(
    `with bump as (
       update feed_position set pos = pos + 1 where user_id = $1 returning pos)
     update inbox set muted = $4, pos = bump.pos from bump
     where inbox.user_id = $1 and inbox.conversation_id = $3 and inbox.peer_id = $2
     returning ${inboxColumns}`,
    [personId, peerId, conversationId, muted],
  );
  return rows[0] ? toInboxRow(rows[0]) : null;
}

/** The newest `pos` of each of these people; 0 for one without any inbox row. */
export async function findPositions(
  db: Queries,
  people: readonly PersonId[],
): Promise<Map<PersonId, number>> {
  const rows = await db.query<{ user_id: PersonId; pos: string }>(
    'select user_id, pos from feed_position where user_id = any ($1::bigint[])',
    [people],
  );
  const positions = new Map(rows.map((row) => [row.user_id, Number(row.pos)]));
  return new Map(people.map((id) => [id, positions.get(id) ?? 0]));
}

/** Those of these people whose newest `pos` is beyond the one given for them, with it. */
export async function findMoved(
  db: Queries,
  known: ReadonlyMap<PersonId, number>,
): Promise<Map<PersonId, number>> {
  const rows = await db.query<{ user_id: PersonId; pos: string }>(
    `select p.user_id, p.pos from unnest($1::bigint[], $2::bigint[]) as k (user_id, pos)
     join feed_position p on p.user_id = k.user_id and p.pos > k.pos`,
    [[...known.keys()], [...known.values()]],
  );
  return new Map(rows.map((row) => [row.user_id, Number(row.pos)]));
}

interface RawInbox {
  user_id: PersonId;
  conversation_id: ConversationId;
  peer_id: PersonId | null;
  folder: number;
  quiet: number;
  muted: boolean;
  head_seq: string;
  read_seq: string;
  last_activity_at: Date;
  pos: string;
}

function toInboxRow(row: RawInbox): InboxRow {
  return {
    personId: row.user_id,
    conversationId: row.conversation_id,
    peerId: row.peer_id,
    folder: folders.toWord(row.folder),
    quiet: row.quiet,
    muted: row.muted,
    headSeq: Number(row.head_seq),
    readSeq: Number(row.read_seq),
    lastActivityAt: row.last_activity_at,
    pos: Number(row.pos),
  };
}
