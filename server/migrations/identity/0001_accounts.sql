-- Family identity: accounts, sessions and the directory of names. "user", session, account, verification and
-- "twoFactor" are better-auth's tables (1.7.25; plugins username and twoFactor) with its column names; a test
-- asks better-auth whether it misses anything. Ids are our 63-bit ids in decimal.

create table "user" (
  id text primary key,
  name text not null,
  email text not null unique,
  "emailVerified" boolean not null,
  image text,
  "createdAt" timestamptz not null default current_timestamp,
  "updatedAt" timestamptz not null default current_timestamp,
  username text collate "C" not null,     -- lower case; byte order, so that a prefix is one index range
  "twoFactorEnabled" boolean,
  kind text not null,
  owner text,
  -- Ours; better-auth does not know them.
  "madeByOperator" boolean not null default false,
  "personMade" boolean not null default false  -- false: the person family may still lack this person
);
create unique index user_username_key on "user" (username) include (id);

create table session (
  id text primary key,
  "expiresAt" timestamptz not null,
  token text not null unique,
  "createdAt" timestamptz not null default current_timestamp,
  "updatedAt" timestamptz not null,       -- when it was last renewed; its span is "expiresAt" − "updatedAt"
  "ipAddress" text,                       -- always empty: we keep no addresses
  "userAgent" text,
  "userId" text not null references "user" (id) on delete cascade
);
create index "session_userId_idx" on session ("userId");
create index "session_expiresAt_idx" on session ("expiresAt");

create table account (
  id text primary key,
  "accountId" text not null,
  "providerId" text not null,
  "userId" text not null references "user" (id) on delete cascade,
  "accessToken" text,
  "refreshToken" text,
  "idToken" text,
  "accessTokenExpiresAt" timestamptz,
  "refreshTokenExpiresAt" timestamptz,
  scope text,
  password text,
  "createdAt" timestamptz not null default current_timestamp,
  "updatedAt" timestamptz not null
);
create index "account_userId_idx" on account ("userId");

create table verification (
  id text primary key,
  identifier text not null,               -- hashed
  value text not null,
  "expiresAt" timestamptz not null,
  "createdAt" timestamptz not null default current_timestamp,
  "updatedAt" timestamptz not null default current_timestamp
);
create index verification_identifier_idx on verification (identifier);

create table "twoFactor" (
  id text primary key,
  secret text not null,
  "backupCodes" text not null,
  "userId" text not null references "user" (id) on delete cascade,
  verified boolean,
  "failedVerificationCount" integer,
  "lockedUntil" timestamptz
);
create index "twoFactor_secret_idx" on "twoFactor" (secret);
create index "twoFactor_userId_idx" on "twoFactor" ("userId");

-- Names of deleted accounts: nobody may take over what others still see as somebody.
create table retired_username (
  username text collate "C" primary key,
  "retiredAt" timestamptz not null
);

-- A sign-up that waited on the unique index for a deletion to commit would win the name; an after trigger looks
-- with a fresh snapshot, so it sees what that deletion retired.
create function refuse_retired_username() returns trigger language plpgsql as $$
begin
  if exists (select 1 from retired_username r where r.username = new.username) then
    raise exception 'this username is retired'
      using errcode = 'unique_violation', constraint = 'retired_username_pkey';
  end if;
  return null;
end $$;
create trigger user_username_not_retired after insert or update of username on "user"
  for each row execute function refuse_retired_username();

-- One row per word of a name: the folded name from that word on, so that "prefix of any word" is one index range.
create table directory_entry (
  phrase text collate "C" not null,
  "userId" text not null references "user" (id) on delete cascade,
  primary key (phrase, "userId")
);
create index "directory_entry_userId_idx" on directory_entry ("userId");
