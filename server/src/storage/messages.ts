import type { Message } from '@aside/protocol';
import type { ConversationId, MessageId, PersonId } from '../base/ids.ts';
import { origins, purposes } from './codes.ts';
import type { Queries, Transaction } from './database.ts';

// Messages, the receipts that make retries safe, and the outbox that the feed works off.

export interface NewMessage {
  conversationId: ConversationId;
  seq: number;
  messageId: MessageId;
  senderId: PersonId;
  createdAt: Date;
  origin: Message['origin'];
  purpose: Message['purpose'];
  text: string;
  clientId: string;
  /** 64 bits of the body's hash, as a signed decimal; tells a retry from a reused client id. */
  bodyHash: string;
}

export interface ReceiptKey {
  conversationId: ConversationId;
  senderId: PersonId;
  clientId: string;
}

export interface Receipt extends ReceiptKey {
  seq: number;
  bodyHash: string;
}

/**
 * Writes a batch: messages, receipts, the raised heads, and one outbox row per conversation. The caller holds the lock of every conversation named and took `seq` from under it.
 * Travels with the commit; a failure shows there.
 */
export function insertMessages(tx: Transaction, batch: readonly NewMessage[]): void {
  tx.queue(insertMessagesSql, [
    batch.map((m) => m.conversationId),
    batch.map((m) => m.seq),
    batch.map((m) => m.messageId),
    batch.map((m) => m.senderId),
    batch.map((m) => m.createdAt.toISOString()),
    batch.map((m) => origins.toNumber(m.origin)),
    batch.map((m) => purposes.toNumber(m.purpose)),
    batch.map((m) => m.text),
    batch.map((m) => m.clientId),
    batch.map((m) => m.bodyHash),
  ]);
}

const insertMessagesSql = `
with entry as materialized (
  select * from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::timestamptz[],
                       $6::smallint[], $7::smallint[], $8::text[], $9::uuid[], $10::bigint[])
    as e (conversation_id, seq, message_id, sender_id, created_at, origin, purpose, body, client_id, body_hash)
), head as (
  select conversation_id, max(seq) as seq, max(created_at) as at from entry group by conversation_id
), put as (
  insert into message (conversation_id, seq, message_id, sender_id, created_at, origin, purpose, client_id, body)
  select conversation_id, seq, message_id, sender_id, created_at, origin, purpose, client_id, body from entry
), receipted as (
  insert into receipt (conversation_id, sender_id, client_id, seq, body_hash, sent_at)
  select conversation_id, sender_id, client_id, seq, body_hash, created_at from entry
), due as (
  insert into outbox (conversation_id, seq, created_at) select conversation_id, seq, at from head
)
update conversation set head_seq = head.seq, last_activity_at = head.at
from head where conversation.conversation_id = head.conversation_id`;

/** The receipts that exist for these keys. */
export async function findReceipts(db: Queries, keys: readonly ReceiptKey[]): Promise<Receipt[]> {
  const rows = await db.query<RawReceipt>(
    `select r.conversation_id, r.sender_id, r.client_id, r.seq, r.body_hash
     from unnest($1::bigint[], $2::bigint[], $3::uuid[]) as k (conversation_id, sender_id, client_id)
     join receipt r using (conversation_id, sender_id, client_id)`,
    [keys.map((k) => k.conversationId), keys.map((k) => k.senderId), keys.map((k) => k.clientId)],
  );
  return rows.map((row) => ({
    conversationId: row.conversation_id,
    senderId: row.sender_id,
    clientId: row.client_id,
    seq: Number(row.seq),
    bodyHash: row.body_hash,
  }));
}

const messageColumns = `m.conversation_id, m.seq, m.message_id, m.sender_id, m.created_at, m.origin, m.purpose,
  m.client_id, m.body`;

/** Up to `limit` messages next to `after` (ascending) or before `before`, always given ascending. */
export async function readMessages(
  db: Queries,
  id: ConversationId,
  range: { after: number } | { before: number },
  limit: number,
): Promise<Message[]> {
  if ('after' in range) {
    const rows = await db.query<RawMessage>(
      `select ${messageColumns} from message m
       where m.conversation_id = $1 and m.seq > $2 order by m.seq limit $3`,
      [id, range.after, limit],
    );
    return rows.map(toMessage);
  }
  const rows = await db.query<RawMessage>(
    `select ${messageColumns} from message m
     where m.conversation_id = $1 and m.seq < $2 order by m.seq desc limit $3`,
    [id, range.before, limit],
  );
  return rows.map(toMessage).reverse();
}

/** Single messages by (conversation, seq); those that do not exist are left out. */
export async function findMessages(
  db: Queries,
  keys: readonly { conversationId: ConversationId; seq: number }[],
): Promise<Message[]> {
  if (keys.length === 0) return [];
  const rows = await db.query<RawMessage>(
    `select ${messageColumns}
     from unnest($1::bigint[], $2::bigint[]) as k (conversation_id, seq)
     join message m on m.conversation_id = k.conversation_id and m.seq = k.seq`,
    [keys.map((k) => k.conversationId), keys.map((k) => k.seq)],
  );
  return rows.map(toMessage);
}

/** The newest message of each sender among the last 100 of each conversation, ascending by seq. */
export async function findLatestBySender(
  db: Queries,
  ids: readonly ConversationId[],
): Promise<
  { conversationId: ConversationId; seq: number; senderId: PersonId; createdAt: string }[]
> {
  const rows = await db.query<{
    conversation_id: ConversationId;
    seq: string;
    sender_id: PersonId;
    created_at: Date;
  }>(
    `select latest.* from (
       select distinct on (m.conversation_id, m.sender_id) m.conversation_id, m.seq, m.sender_id, m.created_at
       from conversation c
       join message m on m.conversation_id = c.conversation_id and m.seq > c.head_seq - 100
       where c.conversation_id = any ($1::bigint[])
       order by m.conversation_id, m.sender_id, m.seq desc) latest
     order by latest.seq`,
    [ids],
  );
  return rows.map((row) => ({
    conversationId: row.conversation_id,
    seq: Number(row.seq),
    senderId: row.sender_id,
    createdAt: row.created_at.toISOString(),
  }));
}

export interface OutboxRow {
  conversationId: ConversationId;
  seq: number;
}

/** Outbox rows older than `olderThan`, by key, after `last`: a crash may have left their inbox rows unwritten. */
export async function findOutbox(
  db: Queries,
  olderThan: Date,
  last: OutboxRow | null,
  limit: number,
): Promise<OutboxRow[]> {
  const rows = await db.query<{ conversation_id: ConversationId; seq: string }>(
    `select conversation_id, seq from outbox
     where created_at < $1 and (conversation_id, seq) > ($2::bigint, $3::bigint)
     order by conversation_id, seq limit $4`,
    [olderThan, last?.conversationId ?? '0', last?.seq ?? 0, limit],
  );
  return rows.map((row) => ({ conversationId: row.conversation_id, seq: Number(row.seq) }));
}

/** Forgets outbox rows whose inbox rows are written: everything of a conversation up to that seq. */
export async function deleteOutbox(
  db: Queries,
  fed: readonly { conversationId: ConversationId; seq: number }[],
): Promise<void> {
  await db.query(
    `delete from outbox o using unnest($1::bigint[], $2::bigint[]) as f (conversation_id, seq)
     where o.conversation_id = f.conversation_id and o.seq <= f.seq`,
    [fed.map((f) => f.conversationId), fed.map((f) => f.seq)],
  );
}

/** Deletes receipts sent before `olderThan`, at most `limit` at once; answers how many went. */
export async function pruneReceipts(db: Queries, olderThan: Date, limit: number): Promise<number> {
  const rows = await db.query(
    `delete from receipt r using (
       select conversation_id, sender_id, client_id from receipt where sent_at < $1 limit $2) old
     where r.conversation_id = old.conversation_id and r.sender_id = old.sender_id and r.client_id = old.client_id
     returning 1 as gone`,
    [olderThan, limit],
  );
  return rows.length;
}

interface RawReceipt {
  conversation_id: ConversationId;
  sender_id: PersonId;
  client_id: string;
  seq: string;
  body_hash: string;
}

interface RawMessage {
  conversation_id: string;
  seq: string;
  message_id: string;
  sender_id: string;
  created_at: Date;
  origin: number;
  purpose: number;
  body: string;
  client_id: string;
}

function toMessage(row: RawMessage): Message {
  return {
    id: row.message_id,
    conversationId: row.conversation_id,
    seq: Number(row.seq),
    senderId: row.sender_id,
    text: row.body,
    createdAt: row.created_at.toISOString(),
    clientId: row.client_id,
    origin: origins.toWord(row.origin),
    purpose: purposes.toWord(row.purpose),
  };
}
