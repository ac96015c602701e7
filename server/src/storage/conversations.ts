import type { ConversationId, PersonId } from '../base/ids.ts';
import type { Queries, Transaction } from './database.ts';

// Conversations and their members. Rows and locks; who may do what is decided elsewhere.

export interface MemberRow {
  conversationId: ConversationId;
  personId: PersonId;
  /** The member has written here. */
  wrote: boolean;
  /** Direct conversations: the member blocked the other. */
  blocks: boolean;
  gone: boolean;
}

export interface ConversationRow {
  conversationId: ConversationId;
  headSeq: number;
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
    `select conversation_id, head_seq, last_activity_at from conversation
     where conversation_id = any ($1::bigint[]) order by conversation_id for update`,
    [ids],
  );
  return new Map(rows.map((row) => [row.conversation_id, toConversation(row)]));
}

/** The same rows without a lock; for reading only. */
export async function findConversations(
  db: Queries,
  ids: readonly ConversationId[],
): Promise<Map<ConversationId, ConversationRow>> {
  const rows = await db.query<RawConversation>(
    `select conversation_id, head_seq, last_activity_at from conversation
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
    `select conversation_id, user_id, wrote_at is not null as wrote, blocks, gone from member
     where conversation_id = any ($1::bigint[])`,
    [ids],
  );
  const byConversation = new Map<ConversationId, MemberRow[]>();
  for (const row of rows) {
    const member: MemberRow = {
      conversationId: row.conversation_id,
      personId: row.user_id,
      wrote: row.wrote,
      blocks: row.blocks,
      gone: row.gone,
    };
    const others = byConversation.get(row.conversation_id);
    if (others) others.push(member);
    else byConversation.set(row.conversation_id, [member]);
  }
  return byConversation;
}

/** Marks that these members have written. The caller holds the conversations' locks. Travels with the commit. */
export function markWrote(
  tx: Transaction,
  members: readonly { conversationId: ConversationId; personId: PersonId }[],
  at: Date,
): void {
  tx.queue(
    `update member set wrote_at = $3 from unnest($1::bigint[], $2::bigint[]) as w (conversation_id, user_id)
     where member.conversation_id = w.conversation_id and member.user_id = w.user_id and wrote_at is null`,
    [members.map((m) => m.conversationId), members.map((m) => m.personId), at],
  );
}

/** Sets whether `personId` blocks the other here. The caller holds the conversation's lock. */
export async function setMemberBlocks(
  tx: Queries,
  id: ConversationId,
  personId: PersonId,
  blocks: boolean,
): Promise<void> {
  await tx.query('update member set blocks = $3 where conversation_id = $1 and user_id = $2', [
    id,
    personId,
    blocks,
  ]);
}

/** Marks a member's account as deleted. The caller holds the conversation's lock. */
export async function setMemberGone(
  tx: Queries,
  id: ConversationId,
  personId: PersonId,
): Promise<void> {
  await tx.query('update member set gone = true where conversation_id = $1 and user_id = $2', [
    id,
    personId,
  ]);
}

/** Removes a conversation with everything in it; for one that nobody is left to see. */
export async function deleteConversation(tx: Queries, id: ConversationId): Promise<void> {
  for (const table of ['outbox', 'receipt', 'message', 'member', 'conversation']) {
    await tx.query(`delete from ${table} where conversation_id = $1`, [id]);
  }
}

interface RawConversation {
  conversation_id: ConversationId;
  head_seq: string;
  last_activity_at: Date;
}

interface RawMember {
  conversation_id: ConversationId;
  user_id: PersonId;
  wrote: boolean;
  blocks: boolean;
  gone: boolean;
}

function toConversation(row: RawConversation): ConversationRow {
  return {
    conversationId: row.conversation_id,
    headSeq: Number(row.head_seq),
    lastActivityAt: row.last_activity_at,
  };
}
