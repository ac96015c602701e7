import type { Message } from '@aside/protocol';
import type { ConversationId, MessageId, PersonId } from '../base/ids.ts';
import type { Permit } from '../domain/decide-send.ts';
import { plainArray, textArray } from './arrays.ts';
import { origins, purposes } from './codes.ts';
import type { Queries } from './database.ts';

// The shortest way to store messages: one statement that is its own transaction. It is only for conversations whose
// members are as the decision saw them, and that is checked under the lock it takes.

export interface MessageIf {
  conversationId: ConversationId;
  /** The state that the decision rests on. */
  memberRev: number;
  messageId: MessageId;
  senderId: PersonId;
  origin: Message['origin'];
  permit: Permit;
  text: string;
  clientId: string;
  bodyHash: string;
}

export interface Placed {
  seq: number;
  /** When the conversation's last message before this batch was made, in milliseconds since 1970. */
  previousAt: number;
}

/**
 * Writes those messages whose conversation has this `member_rev` now and whose client id is new there, in the order given,
 * and answers where each one stands, null for those left out, of which nothing is written. Locks the conversations lowest id
 * first, as everybody does. A client id must not occur twice; a repeat that commits at the same moment fails the whole
 * statement (23505). All of a conversation must name one `memberRev`. Not tried again here: the caller knows what a lost
 * answer means.
 */
export async function insertMessagesIf(
  db: { once: Queries['query'] },
  batch: readonly MessageIf[],
  at: Date,
): Promise<(Placed | null)[]> {
  const rows = await db.once<{ n: string; seq: string; last_s: number }>(insertMessagesIfSql, [
    plainArray(batch, (m) => m.conversationId),
    plainArray(batch, (m) => m.memberRev),
    plainArray(batch, (m) => m.messageId),
    plainArray(batch, (m) => m.senderId),
    plainArray(batch, (m) => origins.toNumber(m.origin)),
    plainArray(batch, (m) => purposes.toNumber(m.permit.purpose)),
    textArray(batch, (m) => m.text),
    plainArray(batch, (m) => m.clientId),
    plainArray(batch, (m) => m.bodyHash),
    at.toISOString(),
  ]);
  const placed: (Placed | null)[] = batch.map(() => null);
  for (const { n, seq, last_s } of rows) {
    placed[Number(n) - 1] = { seq: Number(seq), previousAt: last_s * 1000 };
  }
  return placed;
}

const insertMessagesIfSql = `
with entry as materialized (
  select given.* from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::smallint[], $6::smallint[],
                             $7::text[], $8::uuid[], $9::bigint[])
    with ordinality as given (conversation_id, member_rev, message_id, sender_id, origin, purpose, body, client_id,
                              body_hash, n)
  left join receipt r on r.conversation_id = given.conversation_id and r.sender_id = given.sender_id
    and r.client_id = given.client_id
  where r.seq is null
), total as materialized (
  select conversation_id, member_rev, count(*) as messages from entry group by conversation_id, member_rev
), locked as materialized (
  select c.conversation_id, t.member_rev, t.messages, date_part('epoch', c.last_activity_at) as last_s
  from total t join conversation c on c.conversation_id = t.conversation_id and c.member_rev = t.member_rev
  order by c.conversation_id for update of c
), head as materialized (
  update conversation c set head_seq = c.head_seq + locked.messages, last_activity_at = $10
  from locked where c.conversation_id = locked.conversation_id and c.member_rev = locked.member_rev
  returning c.conversation_id, c.head_seq, locked.messages, locked.last_s
), numbered as materialized (
  select e.*, h.last_s, h.head_seq - h.messages + row_number() over (partition by e.conversation_id order by e.n) as seq
  from entry e join head h on h.conversation_id = e.conversation_id
), put as (
  insert into message (conversation_id, seq, message_id, sender_id, created_at, origin, purpose, client_id, body)
  select conversation_id, seq, message_id, sender_id, $10, origin, purpose, client_id, body from numbered
), receipted as (
  insert into receipt (conversation_id, sender_id, client_id, seq, body_hash, sent_at)
  select conversation_id, sender_id, client_id, seq, body_hash, $10 from numbered
), due as (
  insert into outbox (conversation_id, seq, created_at) select conversation_id, head_seq, $10 from head
)
select n, seq, last_s from numbered`;
