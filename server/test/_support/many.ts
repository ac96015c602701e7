import type { FamilyUrls } from '../../src/base/family.ts';
import { ask } from './sql.ts';

// More rows than anybody writes by hand, in a few statements. Times are whole milliseconds, as the server's are.

const firstId = 5_000_000;

/**
 * Gives a person `count` direct conversations with one message each, all with the same other person, whom the person
 * has accepted; ids from 5,000,000.
 */
export async function manyConversations(
  urls: FamilyUrls,
  personId: string,
  peerId: string,
  count: number,
  text = 'message of conversation ',
): Promise<void> {
  const each = `generate_series(1, $1::int) as i`;
  const at = `timestamptz '2026-03-01' + i * interval '1 second'`;
  await ask(
    urls.conversation,
    `with c as (
       insert into conversation (conversation_id, kind, head_seq, rev, created_at, last_activity_at)
       select ${firstId} + i, 1, 1, 0, ${at}, ${at} from ${each}
     ), m as (
       insert into member (conversation_id, user_id, joined_at, wrote_at, blocks, gone, contact, receipts_after)
       select ${firstId} + i, user_id, ${at}, case when user_id = $3 then ${at} end, false, false, 2, 1
       from ${each}, unnest(array[$2::bigint, $3::bigint]) as user_id
     )
     insert into message (conversation_id, seq, message_id, sender_id, created_at, origin, purpose, client_id, body)
     select ${firstId} + i, 1, i, $3, ${at}, 1, 1, gen_random_uuid(), $4 || i from ${each}`,
    [count, personId, peerId, text],
  );
  await ask(
    urls.person,
    `with p as (
       insert into feed_position (user_id, pos) values ($2, $1)
       on conflict (user_id) do update set pos = excluded.pos
     )
     insert into inbox (user_id, conversation_id, pos, peer_id, folder, muted, head_seq, read_seq, last_activity_at)
     select $2, ${firstId} + i, i, $3, 1, false, 1, 0, ${at} from ${each}`,
    [count, personId, peerId],
  );
}

/** Fills a conversation up to `count` messages, its two members in turn. Its inbox rows stay as they are. */
export async function manyMessages(
  urls: FamilyUrls,
  conversationId: string,
  count: number,
): Promise<void> {
  await ask(
    urls.conversation,
    `with head as (
       select head_seq, array(select user_id from member where conversation_id = $1 order by user_id) as people
       from conversation where conversation_id = $1
     ), raised as (
       update conversation set head_seq = $2 where conversation_id = $1
     )
     insert into message (conversation_id, seq, message_id, sender_id, created_at, origin, purpose, client_id, body)
     select $1, i, i, people[1 + i % 2], timestamptz '2026-01-01' + i * interval '1 second', 1, 1,
            gen_random_uuid(), 'message ' || i
     from head, generate_series(head_seq + 1, $2::bigint) as i`,
    [conversationId, count],
  );
}
