-- Family conversation: every key starts with conversation_id, so that the family can be spread by it.

create table conversation (
  conversation_id bigint primary key,
  kind smallint not null,                 -- 1 direct, 2 group
  head_seq bigint not null,               -- the newest message; taken and raised under this row's lock
  rev bigint not null,                    -- counts changes that are not messages
  created_at timestamptz not null,
  last_activity_at timestamptz not null
) with (fillfactor = 80);

create table member (
  conversation_id bigint not null,
  user_id bigint not null,
  joined_at timestamptz not null,
  wrote_at timestamptz,                   -- first message of this member here: an act of consent towards the other
  blocks boolean not null,                -- direct: this member blocked the other
  gone boolean not null,                  -- the account was deleted
  primary key (conversation_id, user_id)
);

create table message (
  conversation_id bigint not null,
  seq bigint not null,
  message_id bigint not null,
  sender_id bigint not null,
  created_at timestamptz not null,
  origin smallint not null,               -- 1 interactive, 2 automated
  purpose smallint not null,              -- 1 personal, 2 service, 3 automated, 4 promotional
  client_id uuid not null,                -- the sender's own id, shown to every member
  body text not null,
  primary key (conversation_id, seq)
);

-- Receipts make a retry safe: the same client id finds the message it made. Kept for at least three days.
create table receipt (
  conversation_id bigint not null,
  sender_id bigint not null,
  client_id uuid not null,
  seq bigint not null,
  body_hash bigint not null,
  sent_at timestamptz not null,
  primary key (conversation_id, sender_id, client_id)
);

-- Inbox rows still to be written: one row per conversation and commit, deleted once they are.
create table outbox (
  conversation_id bigint not null,
  seq bigint not null,
  created_at timestamptz not null,
  primary key (conversation_id, seq)
);
