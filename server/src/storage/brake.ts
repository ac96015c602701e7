import type { ConversationId, PersonId } from '../base/ids.ts';
import { brakeRule } from '../domain/decide-send.ts';
import type { Database, Queries } from './database.ts';

// Link hosts that a sender sent lately, and the messages that wait because of them.

/**
 * Takes note that a link to each of these hosts is about to go to a conversation. Answers how many conversations got
 * the most spread of them, this one included; a host that the sender first sent more than ten minutes ago counts as
 * one. A host that was stopped once stays stopped until `releaseHosts`.
 */
export async function spreadOf(
  db: Database,
  senderId: PersonId,
  hosts: readonly string[],
  conversationId: ConversationId,
  now: Date,
): Promise<number> {
  const max = brakeRule.conversations;
  return db.transaction(async (tx) => {
    await tx.query(
      `insert into sent_host (user_id, host, first_at, conversations)
       select $1, host, $3, '{}' from unnest($2::text[]) as h (host) order by host
       on conflict (user_id, host) do nothing`,
      [senderId, hosts, now],
    );
    const rows = await tx.query<{ host: string; first_at: Date; conversations: string[] }>(
      `select host, first_at, conversations from sent_host
       where user_id = $1 and host = any ($2::text[]) order by host for update`,
      [senderId, hosts],
    );
    let spread = 0;
    for (const row of rows) {
      const isStopped = row.conversations.length > max;
      const isNew = now.getTime() - row.first_at.getTime() < brakeRule.windowMs;
      if (!isNew && !isStopped) continue;
      const all = new Set(row.conversations).add(conversationId);
      if (all.size > row.conversations.length && all.size <= max + 1) {
        tx.queue('update sent_host set conversations = $3 where user_id = $1 and host = $2', [
          senderId,
          row.host,
          [...all],
        ]);
      }
      spread = Math.max(spread, isStopped ? max + 1 : all.size);
    }
    return spread;
  });
}

/** The sender has signed in again: what stopped their links is forgotten. */
export async function releaseHosts(db: Queries, senderId: PersonId, now: Date): Promise<void> {
  await db.query(
    `update sent_host set conversations = '{}', first_at = $3
     where user_id = $1 and cardinality(conversations) > $2`,
    [senderId, brakeRule.conversations, new Date(now.getTime() - brakeRule.windowMs)],
  );
}

export interface HeldRow {
  senderId: PersonId;
  heldId: string;
  conversationId: ConversationId;
  clientId: string;
  bodyHash: string;
  text: string;
  at: Date;
}

/** More than this of one sender are not kept. */
export const heldMax = 1_000;

/** How many messages of a sender wait, counted to `heldMax`. */
export async function countHeld(db: Queries, senderId: PersonId): Promise<number> {
  const rows = await db.query<{ count: number }>(
    'select count(*)::int as count from (select 1 from held where user_id = $1 limit $2) h',
    [senderId, heldMax],
  );
  return rows[0]?.count ?? 0;
}

/** Forgets hosts that were first sent before `olderThan` and stop nothing; answers how many went. */
export async function pruneHosts(db: Queries, olderThan: Date, limit: number): Promise<number> {
  const rows = await db.query(
    `delete from sent_host s using (
       select user_id, host from sent_host where first_at < $1 and cardinality(conversations) <= $3 limit $2) old
     where s.user_id = old.user_id and s.host = old.host returning 1 as gone`,
    [olderThan, limit, brakeRule.conversations],
  );
  return rows.length;
}

/** Keeps a message back; the same client id again changes nothing. Answers the row that is kept. */
export async function insertHeld(db: Queries, held: HeldRow): Promise<HeldRow> {
  await db.query(
    `insert into held (user_id, held_id, conversation_id, client_id, body_hash, body, held_at)
     values ($1, $2, $3, $4, $5, $6, $7) on conflict (user_id, conversation_id, client_id) do nothing`,
    [
      held.senderId,
      held.heldId,
      held.conversationId,
      held.clientId,
      held.bodyHash,
      held.text,
      held.at,
    ],
  );
  const rows = await db.query<RawHeld>(
    `select ${heldColumns} from held where user_id = $1 and conversation_id = $2 and client_id = $3`,
    [held.senderId, held.conversationId, held.clientId],
  );
  return rows[0] ? toHeld(rows[0]) : held;
}

/** A sender's waiting messages, oldest first. */
export async function listHeld(db: Queries, senderId: PersonId, limit: number): Promise<HeldRow[]> {
  const rows = await db.query<RawHeld>(
    `select ${heldColumns} from held where user_id = $1 order by held_id limit $2`,
    [senderId, limit],
  );
  return rows.map(toHeld);
}

/** Those of these people for whom something waits. */
export async function findHolders(db: Queries, people: readonly PersonId[]): Promise<PersonId[]> {
  const rows = await db.query<{ user_id: PersonId }>(
    'select distinct user_id from held where user_id = any ($1::bigint[])',
    [people],
  );
  return rows.map((row) => row.user_id);
}

/** Takes waiting messages away; answers those that were there. */
export async function deleteHeld(
  db: Queries,
  senderId: PersonId,
  by: { heldId: string } | { clientId: string },
): Promise<HeldRow[]> {
  const rows = await db.query<RawHeld>(
    'heldId' in by
      ? `delete from held where user_id = $1 and held_id = $2 returning ${heldColumns}`
      : `delete from held where user_id = $1 and client_id = $2 returning ${heldColumns}`,
    [senderId, 'heldId' in by ? by.heldId : by.clientId],
  );
  return rows.map(toHeld);
}

/** Drops what waited since before `olderThan`; at most `limit`. */
export async function pruneHeld(db: Queries, olderThan: Date, limit: number): Promise<HeldRow[]> {
  const rows = await db.query<RawHeld>(
    `delete from held h using (select user_id, held_id from held where held_at < $1 limit $2) old
     where h.user_id = old.user_id and h.held_id = old.held_id
     returning h.user_id, h.held_id, h.conversation_id, h.client_id, h.body_hash, h.body, h.held_at`,
    [olderThan, limit],
  );
  return rows.map(toHeld);
}

const heldColumns = 'user_id, held_id, conversation_id, client_id, body_hash, body, held_at';

interface RawHeld {
  user_id: PersonId;
  held_id: string;
  conversation_id: ConversationId;
  client_id: string;
  body_hash: string;
  body: string;
  held_at: Date;
}

function toHeld(row: RawHeld): HeldRow {
  return {
    senderId: row.user_id,
    heldId: row.held_id,
    conversationId: row.conversation_id,
    clientId: row.client_id,
    bodyHash: row.body_hash,
    text: row.body,
    at: row.held_at,
  };
}
