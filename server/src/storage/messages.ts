import type { Message } from '@aside/protocol';
import type { ConversationId, MessageId, PersonId } from '../base/ids.ts';
import type { Permit } from '../domain/decide-send.ts';
import { plainArray, textArray } from './arrays.ts';
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
  /** Leave to write it, which only the decision gives; it says what the message counts as. */
  permit: Permit;
  /** Not personal: the recipient, and the entry of their ledger that allowed it. */
  allowedBy: { recipientId: PersonId; entryId: string } | null;
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
  insertPermits(tx, batch);
  tx.queue(insertMessagesSql, [
    plainArray(batch, (m) => m.conversationId),
    plainArray(batch, (m) => m.seq),
    plainArray(batch, (m) => m.messageId),
    plainArray(batch, (m) => m.senderId),
    plainArray(batch, (m) => m.createdAt.toISOString()),
    plainArray(batch, (m) => origins.toNumber(m.origin)),
    plainArray(batch, (m) => purposes.toNumber(m.permit.purpose)),
    textArray(batch, (m) => m.text),
    plainArray(batch, (m) => m.clientId),
    plainArray(batch, (m) => m.bodyHash),
  ]);
}

function insertPermits(tx: Transaction, batch: readonly NewMessage[]): void {
  const allowed = batch.flatMap((m) => (m.allowedBy ? [{ ...m, allowedBy: m.allowedBy }] : []));
  if (allowed.length === 0) return;
  tx.queue(
    `insert into permit (conversation_id, seq, recipient_id, entry_id)
     select * from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[])`,
    [
      allowed.map((m) => m.conversationId),
      allowed.map((m) => m.seq),
      allowed.map((m) => m.allowedBy.recipientId),
      allowed.map((m) => m.allowedBy.entryId),
    ],
  );
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
    [
      plainArray(keys, (k) => k.conversationId),
      plainArray(keys, (k) => k.senderId),
      plainArray(keys, (k) => k.clientId),
    ],
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
  m.client_id, m.body, m.edited`;

/** A message and what of it is not the same for everybody. */
export interface StoredMessage extends Message {
  /** 0 as sent, 1 changed, 2 changed for its sender alone. */
  edited: number;
}

/** Without what is not the same for everybody. */
export function toPlain({ edited: _edited, ...message }: StoredMessage): Message {
  return message;
}

/** Up to `limit` messages next to `after` (ascending) or before `before`, always given ascending. */
export async function readMessages(
  db: Queries,
  id: ConversationId,
  range: { after: number } | { before: number },
  limit: number,
): Promise<StoredMessage[]> {
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

/** The newest message made until then, 0 for none. Reads back from the newest, so its cost grows with what came since. */
export async function findLastSeqBefore(
  db: Queries,
  id: ConversationId,
  at: Date,
): Promise<number> {
  const rows = await db.query<{ seq: string }>(
    `select seq from message where conversation_id = $1 and created_at <= $2 order by seq desc limit 1`,
    [id, at],
  );
  return Number(rows[0]?.seq ?? 0);
}

/** Single messages by (conversation, seq); those that do not exist are left out. */
export async function findMessages(
  db: Queries,
  keys: readonly { conversationId: ConversationId; seq: number }[],
): Promise<StoredMessage[]> {
  if (keys.length === 0) return [];
  const rows = await db.query<RawMessage>(
    `select ${messageColumns}
     from unnest($1::bigint[], $2::bigint[]) as k (conversation_id, seq)
     join message m on m.conversation_id = k.conversation_id and m.seq = k.seq`,
    [keys.map((k) => k.conversationId), keys.map((k) => k.seq)],
  );
  return rows.map(toMessage);
}

export interface Latest {
  seq: number;
  messageId: MessageId;
  at: Date;
  purpose: Message['purpose'];
}

/** How far back the latest message of one member is looked for. */
const lookBack = 200;

/** The newest message of a member among the last 200; `interactive`: only of those from a session of their own. */
export async function findLatestOf(
  tx: Queries,
  id: ConversationId,
  headSeq: number,
  senderId: PersonId,
  interactive: boolean,
): Promise<Latest | null> {
  const rows = await tx.query<{
    seq: string;
    message_id: MessageId;
    created_at: Date;
    purpose: number;
  }>(
    `select seq, message_id, created_at, purpose from message
     where conversation_id = $1 and seq > $2 and sender_id = $3 and (not $4 or origin = 1)
     order by seq desc limit 1`,
    [id, headSeq - lookBack, senderId, interactive],
  );
  const row = rows[0];
  if (!row) return null;
  return {
    seq: Number(row.seq),
    messageId: row.message_id,
    at: row.created_at,
    purpose: purposes.toWord(row.purpose),
  };
}

/** The ledger entries that allowed these messages, by `conversation seq`. */
export async function findPermits(
  db: Queries,
  keys: readonly { conversationId: string; seq: number }[],
): Promise<Map<string, { recipientId: PersonId; entryId: string }>> {
  if (keys.length === 0) return new Map();
  const rows = await db.query<{
    conversation_id: string;
    seq: string;
    recipient_id: PersonId;
    entry_id: string;
  }>(
    `select p.conversation_id, p.seq, p.recipient_id, p.entry_id
     from unnest($1::bigint[], $2::bigint[]) as k (conversation_id, seq)
     join permit p on p.conversation_id = k.conversation_id and p.seq = k.seq`,
    [keys.map((k) => k.conversationId), keys.map((k) => k.seq)],
  );
  return new Map(
    rows.map((row) => [
      `${row.conversation_id} ${row.seq}`,
      { recipientId: row.recipient_id, entryId: row.entry_id },
    ]),
  );
}

/** The latest text of edited messages, by `conversation seq`. */
export async function findEdits(
  db: Queries,
  keys: readonly { conversationId: string; seq: number }[],
): Promise<Map<string, { text: string; at: Date }>> {
  if (keys.length === 0) return new Map();
  const rows = await db.query<{
    conversation_id: string;
    seq: string;
    body: string;
    edited_at: Date;
  }>(
    `select e.conversation_id, e.seq, e.body, e.edited_at
     from unnest($1::bigint[], $2::bigint[]) as k (conversation_id, seq)
     join edit e on e.conversation_id = k.conversation_id and e.seq = k.seq order by e.edit_no`,
    [keys.map((k) => k.conversationId), keys.map((k) => k.seq)],
  );
  return new Map(
    rows.map((row) => [`${row.conversation_id} ${row.seq}`, { text: row.body, at: row.edited_at }]),
  );
}

/** Changes a message's text, for everybody or for its sender alone. The caller holds the conversation's lock. */
export function writeEdit(
  tx: Transaction,
  edit: {
    conversationId: ConversationId;
    seq: number;
    text: string;
    at: Date;
    forSenderAlone: boolean;
    /** The decision that the new text passed. */
    permit: Permit;
  },
): void {
  const { conversationId, seq, text, at, forSenderAlone } = edit;
  tx.queue(
    `insert into edit (conversation_id, seq, edit_no, edited_at, body)
     select $1, $2, coalesce(max(edit_no), 0) + 1, $3, $4 from edit where conversation_id = $1 and seq = $2`,
    [conversationId, seq, at, text],
  );
  tx.queue(
    `update message set edited = case when $4 then 2 else 1 end, body = case when $4 then body else $3 end
     where conversation_id = $1 and seq = $2`,
    [conversationId, seq, text, forSenderAlone],
  );
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
    [plainArray(fed, (f) => f.conversationId), plainArray(fed, (f) => f.seq)],
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
  edited: number;
}

function toMessage(row: RawMessage): StoredMessage {
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
    edited: row.edited,
  };
}
