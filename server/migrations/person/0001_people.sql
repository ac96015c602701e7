-- Family person: every key starts with the person it belongs to, so that the family can be spread by it.

create table person (
  user_id bigint primary key,
  username text not null,
  name text not null,
  bio text not null,
  website text not null,
  kind smallint not null,                 -- 1 person, 2 brand, 3 bot
  owner text,                             -- brands of one owner share refusals
  created_at timestamptz not null,
  reach smallint not null,                -- 0 nobody, 1 following, 2 everyone
  deleted_at timestamptz
);

create table follow (
  user_id bigint not null,                -- the one who follows
  followee_id bigint not null,
  created_at timestamptz not null,
  primary key (user_id, followee_id)
);

create table block (
  user_id bigint not null,                -- the one who blocks
  blocked_id bigint not null,
  created_at timestamptz not null,
  primary key (user_id, blocked_id)
);

create table mute (
  user_id bigint not null,
  muted_id bigint not null,
  created_at timestamptz not null,
  primary key (user_id, muted_id)
);

create table report (
  user_id bigint not null,                -- the one who reports
  report_id bigint not null,
  reported_id bigint not null,
  reason text not null,
  conversation_id bigint,
  messages jsonb not null,                -- the reported messages as they stood then
  created_at timestamptz not null,
  primary key (user_id, report_id)
);

-- The one direct conversation of two people; low_id = high_id is a note to oneself.
create table pair (
  low_id bigint not null,
  high_id bigint not null,
  conversation_id bigint not null,
  primary key (low_id, high_id)
);

-- A change that must reach both families: written first, deleted last, finished by the sweeper after a crash.
create table intent (
  user_id bigint not null,
  intent_id bigint not null,
  kind text not null,                     -- 'block', 'unblock', 'delete-account'
  other_id bigint,
  created_at timestamptz not null,
  primary key (user_id, intent_id)
);

-- The counter that orders one person's inbox changes. A row of its own, so that its update stays small.
create table feed_position (
  user_id bigint primary key,
  pos bigint not null
) with (fillfactor = 50);

create table inbox (
  user_id bigint not null,
  conversation_id bigint not null,
  pos bigint not null,                    -- the person's counter at the latest change of this row
  peer_id bigint,                         -- direct: the other person, or oneself in a note; null in groups
  folder smallint not null,               -- 1 inbox, 2 requests, 3 archive
  muted boolean not null,
  head_seq bigint not null,
  read_seq bigint not null,
  last_activity_at timestamptz not null,
  primary key (user_id, conversation_id)
) with (fillfactor = 80);
create unique index inbox_by_pos on inbox (user_id, pos);
create index inbox_by_activity on inbox (user_id, folder, last_activity_at desc, conversation_id desc);
