-- API keys of people, and accounts that the operator suspended. Both are ours; better-auth does not know them.

create table api_key (
  id text primary key,
  "userId" text not null references "user" (id) on delete cascade,
  name text not null,
  hash bytea not null unique,             -- sha-256 of the key, which is stored nowhere
  hint text not null,                     -- its last four characters
  "createdAt" timestamptz not null,
  "lastUsedAt" timestamptz                -- written at most once an hour
);
create index "api_key_userId_idx" on api_key ("userId");

alter table "user" add column "suspendedAt" timestamptz;  -- not null: reads, but may not send
