import type { ConversationId, PersonId } from '../base/ids.ts';
import type { Stance } from '../domain/contact.ts';
import { plainArray } from './arrays.ts';
import { contacts, folders } from './codes.ts';
import type { Queries, Transaction } from './database.ts';

// Conversations and their members. Rows and locks; who may do what is decided elsewhere.

export interface MemberRow extends Stance {
  conversationId: ConversationId;
  personId: PersonId;
  gone: boolean;
}

export interface ConversationRow {
  conversationId: ConversationId;
  headSeq: number;
  /** Counts edits and acceptances: what a list of messages by `seq` does not show. */
  rev: number;
  lastActivityAt: Date;
}

/** Creates a direct conversation if it is missing; safe to repeat. `members` is one person for a note to oneself. */
export async function insertDirect(
  db: Queries,
  id: ConversationId,
  members: readonly PersonId[],
  at: Date,
): Promise<void> {
  await db.query(
    `with made as (
       insert into conversation (conversation_id, kind, head_seq, rev, created_at, last_activity_at)
       values ($1, 1, 0, 0, $3, $3) on conflict (conversation_id) do nothing)
     insert into member (conversation_id, user_id, joined_at, wrote_at, blocks, gone)
     select $1, user_id, $3, null, false, false from unnest($2::bigint[]) as m (user_id)
     on conflict (conversation_id, user_id) do nothing`,
    [id, members, at],
  );
}

/** Locks the conversations, lowest id first, so that two batches cannot lock each other out. Unknown ids are left out. */
export async function lockConversations(
  tx: Queries,
  ids: readonly ConversationId[],
): Promise<Map<ConversationId, ConversationRow>> {
  const rows = await tx.query<RawConversation>(
    `select conversation_id, head_seq, rev, last_activity_at from conversation
     where conversation_id = any ($1::bigint[]) order by conversation_id for update`,
    [ids],
  );
  return new Map(rows.map((row) => [row.conversation_id, toConversation(row)]));
}

export interface LockedHead {
  headSeq: number;
  /** Counts the changes of its members. */
  memberRev: number;
  lastActivityMs: number;
}

/** Locks as `lockConversations` does, and reads only what a send needs. */
export async function lockHeads(
  tx: Queries,
  ids: readonly ConversationId[],
): Promise<Map<ConversationId, LockedHead>> {
  const rows = await tx.query<{
    conversation_id: ConversationId;
    head_seq: string;
    member_rev: string;
    last_s: number;
  }>(
    `select conversation_id, head_seq, member_rev, date_part('epoch', last_activity_at) as last_s from conversation
     where conversation_id = any ($1::bigint[]) order by conversation_id for update`,
    [plainArray(ids, (id) => id)],
  );
  return new Map(
    rows.map((row) => [
      row.conversation_id,
      {
        headSeq: Number(row.head_seq),
        memberRev: Number(row.member_rev),
        lastActivityMs: row.last_s * 1000,
      },
    ]),
  );
}

/** The same rows without a lock; for reading only. */
export async function findConversations(
  db: Queries,
  ids: readonly ConversationId[],
): Promise<Map<ConversationId, ConversationRow>> {
  const rows = await db.query<RawConversation>(
    `select conversation_id, head_seq, rev, last_activity_at from conversation
     where conversation_id = any ($1::bigint[])`,
    [ids],
  );
  return new Map(rows.map((row) => [row.conversation_id, toConversation(row)]));
}

/** Every member of these conversations, by conversation. Under the conversation's lock the answer stays true. */
export async function findMembers(
  db: Queries,
  ids: readonly ConversationId[],
): Promise<Map<ConversationId, MemberRow[]>> {
  const rows = await db.query<RawMember>(
    `select conversation_id, user_id, wrote_at is not null as wrote, blocks, gone, contact,
       extract(epoch from requested_at) * 1000 as requested_ms, requested_seq, quiet, folder, folder_rev, grants,
       refusals, credit_seq, credit_used, credit_void, receipts_after
     from member where conversation_id = any ($1::bigint[])`,
    [ids],
  );
  const byConversation = new Map<ConversationId, MemberRow[]>();
  for (const row of rows) {
    const member = toMember(row);
    const others = byConversation.get(row.conversation_id);
    if (others) others.push(member);
    else byConversation.set(row.conversation_id, [member]);
  }
  return byConversation;
}

/**
 * Writes how these members stand and raises their conversations' `member_rev`. The caller holds the conversations'
 * locks. Travels with the commit.
 */
export function writeStances(tx: Transaction, members: readonly MemberRow[], at: Date): void {
  if (members.length === 0) return;
  tx.queue(writeStancesSql, [
    members.map((m) => m.conversationId),
    members.map((m) => m.personId),
    members.map((m) => m.wrote),
    members.map((m) => m.blocks),
    members.map((m) => contacts.toNumber(m.contact)),
    members.map((m) => (m.requestedAt === null ? null : new Date(m.requestedAt).toISOString())),
    members.map((m) => m.requestedSeq),
    members.map((m) => m.quiet),
    members.map((m) => folders.toNumber(m.place)),
    members.map((m) => m.placeRev),
    members.map((m) => m.grants),
    members.map((m) => m.refusals),
    members.map((m) => m.creditSeq),
    members.map((m) => m.creditUsed),
    members.map((m) => m.creditVoid),
    members.map((m) => m.receiptsAfter),
    at,
  ]);
}

const writeStancesSql = `
with w as materialized (
  select * from unnest($1::bigint[], $2::bigint[], $3::boolean[], $4::boolean[], $5::smallint[], $6::timestamptz[],
                       $7::bigint[], $8::smallint[], $9::smallint[], $10::bigint[], $11::smallint[], $12::smallint[],
                       $13::bigint[], $14::smallint[], $15::bigint[], $16::bigint[])
    as w (conversation_id, user_id, wrote, blocks, contact, requested_at, requested_seq, quiet, folder, folder_rev,
          grants, refusals, credit_seq, credit_used, credit_void, receipts_after)
), raised as (
  update conversation set member_rev = member_rev + 1
  from (select distinct conversation_id from w) as changed
  where conversation.conversation_id = changed.conversation_id
)
update member set
  wrote_at = case when w.wrote then coalesce(member.wrote_at, $17) end, blocks = w.blocks, contact = w.contact,
  requested_at = w.requested_at, requested_seq = nullif(w.requested_seq, 0), quiet = w.quiet, folder = w.folder,
  folder_rev = w.folder_rev, grants = w.grants, refusals = w.refusals, credit_seq = w.credit_seq,
  credit_used = w.credit_used, credit_void = w.credit_void, receipts_after = w.receipts_after
from w
where member.conversation_id = w.conversation_id and member.user_id = w.user_id`;

/** Counts one change that `seq` does not show. The caller holds the lock. */
export async function raiseRev(tx: Queries, id: ConversationId): Promise<number> {
  const rows = await tx.query<{ rev: string }>(
    'update conversation set rev = rev + 1 where conversation_id = $1 returning rev',
    [id],
  );
  return Number(rows[0]?.rev ?? 0);
}

/** Marks a member's account as deleted. The caller holds the conversation's lock. */
export async function setMemberGone(
  tx: Queries,
  id: ConversationId,
  personId: PersonId,
): Promise<void> {
  await tx.query(
    `with raised as (update conversation set member_rev = member_rev + 1 where conversation_id = $1)
     update member set gone = true, grants = 0, refusals = 0 where conversation_id = $1 and user_id = $2`,
    [id, personId],
  );
  // Corrections that nobody but the one who goes could see.
  await tx.query(
    `delete from edit e using message m
     where e.conversation_id = $1 and m.conversation_id = $1 and m.seq = e.seq and m.sender_id = $2 and m.edited = 2`,
    [id, personId],
  );
}

/** Removes a conversation with everything in it; for one that nobody is left to see. */
export async function deleteConversation(tx: Queries, id: ConversationId): Promise<void> {
  for (const table of [
    'outbox',
    'receipt',
    'permit',
    'edit',
    'message',
    'member',
    'conversation',
  ]) {
    await tx.query(`delete from ${table} where conversation_id = $1`, [id]);
  }
}

interface RawConversation {
  conversation_id: ConversationId;
  head_seq: string;
  rev: string;
  last_activity_at: Date;
}

interface RawMember {
  conversation_id: ConversationId;
  user_id: PersonId;
  wrote: boolean;
  blocks: boolean;
  gone: boolean;
  contact: number;
  requested_ms: string | null;
  requested_seq: string | null;
  quiet: number;
  folder: number;
  folder_rev: string;
  grants: number;
  refusals: number;
  credit_seq: string;
  credit_used: number;
  credit_void: string;
  receipts_after: string;
}

function toMember(row: RawMember): MemberRow {
  return {
    conversationId: row.conversation_id,
    personId: row.user_id,
    wrote: row.wrote,
    blocks: row.blocks,
    gone: row.gone,
    contact: contacts.toWord(row.contact),
    requestedAt: row.requested_ms === null ? null : Math.round(Number(row.requested_ms)),
    requestedSeq: Number(row.requested_seq ?? 0),
    quiet: row.quiet,
    place: folders.toWord(row.folder),
    placeRev: Number(row.folder_rev),
    grants: row.grants,
    refusals: row.refusals,
    creditSeq: Number(row.credit_seq),
    creditUsed: row.credit_used,
    creditVoid: Number(row.credit_void),
    receiptsAfter: Number(row.receipts_after),
  };
}

function toConversation(row: RawConversation): ConversationRow {
  return {
    conversationId: row.conversation_id,
    headSeq: Number(row.head_seq),
    rev: Number(row.rev),
    lastActivityAt: row.last_activity_at,
  };
}
