import { administer } from '../_support/databases.ts';

// Fills Aside's own tables by SQL with what years of use would leave, so that a large server can be measured without
// sending every message. Everybody has accepted everybody, all messages are personal and unedited.

/** Ids that the application makes have 53 bits and more by now; these stay below and never meet them. */
const firstPeer = 1_000_000_000_000n;

/**
 * Gives a person conversations with as many others, each two messages long, the latest a minute after the one before.
 * `block` keeps the others of two calls apart.
 */
export async function giveInbox(
  url: string,
  personId: string,
  conversations: number,
  block: number,
): Promise<void> {
  const first = firstPeer + BigInt(block) * 1_000_000n;
  await administer(
    url,
    `create temp table chat as
       select ${first} + g as conversation_id, ${first} + g as peer_id, g,
              timestamptz '2026-02-01' + g * interval '1 minute' as at
       from generate_series(1, ${conversations}) g;
     insert into person (user_id, username, name, bio, website, kind, created_at, reach)
       select peer_id, 'peer' || peer_id, 'Peer ' || g, '', '', 1, '2026-01-01', 1 from chat;
     insert into pair (low_id, high_id, conversation_id)
       select least(peer_id, ${personId}), greatest(peer_id, ${personId}), conversation_id from chat;
     insert into conversation (conversation_id, kind, head_seq, rev, created_at, last_activity_at)
       select conversation_id, 1, 2, 0, at, at from chat;
     insert into member (conversation_id, user_id, joined_at, wrote_at, blocks, gone, contact)
       select conversation_id, u, at, at, false, false, 2 from chat, unnest(array[peer_id, ${personId}]) u;
     insert into message (conversation_id, seq, message_id, sender_id, created_at, origin, purpose, client_id, body)
       select conversation_id, s, conversation_id * 10 + s, case s when 1 then ${personId} else peer_id end, at, 1, 1,
              gen_random_uuid(), 'A line of text as people write them, sixty characters in all'
       from chat, generate_series(1, 2) s;
     insert into inbox (user_id, conversation_id, pos, peer_id, folder, muted, head_seq, read_seq, last_activity_at)
       select ${personId}, conversation_id, g, peer_id, 1, false, 2, 1, at from chat;
     insert into feed_position (user_id, pos) values (${personId}, ${conversations});
     drop table chat`,
  );
}

/** Makes the conversation longer, up to `length` messages, both writing in turn. */
export async function lengthen(
  url: string,
  conversationId: string,
  personId: string,
  length: number,
): Promise<void> {
  await administer(
    url,
    `insert into message (conversation_id, seq, message_id, sender_id, created_at, origin, purpose, client_id, body)
       select ${conversationId}, s, ${conversationId} * 1000 + s,
              case s % 2 when 0 then ${personId} else ${conversationId} end,
              timestamptz '2026-02-01' + s * interval '1 second', 1, 1, gen_random_uuid(),
              'A line of text as people write them, sixty characters in all'
       from generate_series(3, ${length}) s;
     update conversation set head_seq = ${length} where conversation_id = ${conversationId};
     update inbox set head_seq = ${length} where conversation_id = ${conversationId}`,
  );
}

/** The conversation with the nth of those that `giveInbox` made. */
export function peerConversation(block: number, n: number): string {
  return (firstPeer + BigInt(block) * 1_000_000n + BigInt(n)).toString();
}

export interface Community {
  senderIds: readonly string[];
  recipientIds: readonly string[];
}

/** A conversation of each sender with each recipient, with one message in it. */
export async function introduce(
  url: string,
  { senderIds, recipientIds }: Community,
): Promise<{ senderId: string; ids: string[] }[]> {
  await administer(
    url,
    `create table bench_chat as
       select row_number() over () + ${firstPeer} as conversation_id, s as one, r as other
       from unnest(array[${senderIds.join(',')}]::bigint[]) s, unnest(array[${recipientIds.join(',')}]::bigint[]) r;
     insert into pair (low_id, high_id, conversation_id)
       select least(one, other), greatest(one, other), conversation_id from bench_chat;
     insert into conversation (conversation_id, kind, head_seq, rev, created_at, last_activity_at)
       select conversation_id, 1, 0, 0, '2026-02-01', '2026-02-01' from bench_chat;
     insert into member (conversation_id, user_id, joined_at, wrote_at, blocks, gone, contact)
       select conversation_id, u, '2026-02-01', '2026-02-01', false, false, 2 from bench_chat, unnest(array[one, other]) u;
     -- Seen by the API only with a message in it.
     insert into message (conversation_id, seq, message_id, sender_id, created_at, origin, purpose, client_id, body)
       select conversation_id, 1, conversation_id, one, '2026-02-01', 1, 1, gen_random_uuid(), 'Hello' from bench_chat;
     update conversation set head_seq = 1`,
  );
  return administer<{ senderId: string; ids: string[] }>(
    url,
    `select one::text as "senderId", array_agg(conversation_id::text) as ids from bench_chat group by one`,
  );
}

const messagesEach = 50;
/** Receipts are kept for four days; a server with a long history has them for its newest messages only. */
const receiptsMax = 1_000_000;

/**
 * Stores messages in rounds, one per conversation and round, in no order of theirs: how people write. So the pages of
 * the index split as they would. A conversation gets 50 messages of 60 bytes; those of `introduce` are among them, and
 * there are others as needed. Everything is vacuumed, as it would have been over time.
 */
export async function storeMessages(url: string, messages: number): Promise<void> {
  const others = messages / messagesEach;
  await administer(
    url,
    `insert into bench_chat
       select ${firstPeer + 10_000_000n} + g, ${firstPeer + 100_000_000n} + 2 * g, ${firstPeer + 100_000_001n} + 2 * g
       from generate_series(1, ${others} - (select count(*) from bench_chat)) g;
     insert into conversation (conversation_id, kind, head_seq, rev, created_at, last_activity_at)
       select conversation_id, 1, 0, 0, '2026-02-01', '2026-02-01' from bench_chat on conflict do nothing;
     insert into member (conversation_id, user_id, joined_at, wrote_at, blocks, gone, contact)
       select conversation_id, u, '2026-02-01', '2026-02-01', false, false, 2 from bench_chat, unnest(array[one, other]) u
       on conflict do nothing;`,
  );
  for (let round = 2; round <= messagesEach + 1; round += 1) {
    const isKept = (messagesEach + 1 - round) * others < receiptsMax;
    await administer(url, roundSql(round, isKept));
  }
  await administer(url, `update conversation set head_seq = ${messagesEach + 1}`);
  for (const table of ['message', 'receipt', 'conversation', 'member', 'inbox'])
    await administer(url, `vacuum (analyze) ${table}`);
  await administer(url, 'checkpoint');
}

function roundSql(round: number, withReceipts: boolean): string {
  const receipts = `, receipted as (
    insert into receipt (conversation_id, sender_id, client_id, seq, body_hash, sent_at)
    select conversation_id, sender_id, client_id, ${round}, message_id, created_at from entry)`;
  return `
    with entry as materialized (
      select conversation_id, case when random() < 0.5 then one else other end as sender_id, gen_random_uuid() as client_id,
             ${firstPeer} + ${round} * 100000000::bigint + row_number() over () as message_id,
             timestamptz '2026-02-01' + ${round} * interval '1 hour' as created_at,
             left(md5(random()::text) || md5(random()::text), 60) as body
      from (select * from bench_chat order by hashint8(conversation_id + ${round})) shuffled)
    ${withReceipts ? receipts : ''}
    insert into message (conversation_id, seq, message_id, sender_id, created_at, origin, purpose, client_id, body)
    select conversation_id, ${round}, message_id, sender_id, created_at, 1, 1, client_id, body from entry`;
}

/** Bytes of a table, per row, with what PostgreSQL keeps beside it and with its indexes. */
export async function bytesPerRow(url: string, table: string): Promise<number> {
  const rows = await administer<{ bytes: number }>(
    url,
    `select pg_total_relation_size('${table}')::float8 / (select count(*) from ${table}) as bytes`,
  );
  return rows[0]!.bytes;
}
