-- Written by `node tools/schema.ts` from the catalog of a migrated database; do not edit. For reading: what holds is
-- server/migrations.

-- Family conversation

create table conversation (
  conversation_id bigint not null,
  kind smallint not null,
  head_seq bigint not null,
  rev bigint not null,
  created_at timestamp with time zone not null,
  last_activity_at timestamp with time zone not null,
  member_rev bigint not null default 0,
  constraint conversation_pkey PRIMARY KEY (conversation_id)
) with (fillfactor=80);

create table edit (
  conversation_id bigint not null,
  seq bigint not null,
  edit_no smallint not null,
  edited_at timestamp with time zone not null,
  body text not null,
  constraint edit_pkey PRIMARY KEY (conversation_id, seq, edit_no)
);

create table member (
  conversation_id bigint not null,
  user_id bigint not null,
  joined_at timestamp with time zone not null,
  wrote_at timestamp with time zone,
  blocks boolean not null,
  gone boolean not null,
  contact smallint not null default 0,
  requested_at timestamp with time zone,
  requested_seq bigint,
  quiet smallint not null default 0,
  folder smallint not null default 1,
  folder_rev bigint not null default 0,
  grants smallint not null default 0,
  refusals smallint not null default 0,
  credit_seq bigint not null default 0,
  credit_used smallint not null default 0,
  credit_void bigint not null default 0,
  receipts_after bigint not null default 0,
  constraint member_pkey PRIMARY KEY (conversation_id, user_id)
);

create table message (
  conversation_id bigint not null,
  seq bigint not null,
  message_id bigint not null,
  sender_id bigint not null,
  created_at timestamp with time zone not null,
  origin smallint not null,
  purpose smallint not null,
  client_id uuid not null,
  body text not null,
  edited smallint not null default 0,
  constraint message_pkey PRIMARY KEY (conversation_id, seq)
);

create table outbox (
  conversation_id bigint not null,
  seq bigint not null,
  created_at timestamp with time zone not null,
  constraint outbox_pkey PRIMARY KEY (conversation_id, seq)
);

create table permit (
  conversation_id bigint not null,
  seq bigint not null,
  recipient_id bigint not null,
  entry_id bigint not null,
  constraint permit_pkey PRIMARY KEY (conversation_id, seq)
);

create table receipt (
  conversation_id bigint not null,
  sender_id bigint not null,
  client_id uuid not null,
  seq bigint not null,
  body_hash bigint not null,
  sent_at timestamp with time zone not null,
  constraint receipt_pkey PRIMARY KEY (conversation_id, sender_id, client_id)
);

-- Family person

create table block (
  user_id bigint not null,
  blocked_id bigint not null,
  created_at timestamp with time zone not null,
  constraint block_pkey PRIMARY KEY (user_id, blocked_id)
);

create table consent (
  user_id bigint not null,
  other_id bigint not null,
  purpose smallint not null,
  state smallint not null,
  since timestamp with time zone not null,
  entry_id bigint not null,
  constraint consent_pkey PRIMARY KEY (user_id, other_id, purpose)
);
CREATE INDEX consent_by_entry ON consent USING btree (user_id, entry_id DESC);
CREATE INDEX consent_refused ON consent USING btree (other_id, user_id) WHERE (state = 2);

create table feed_position (
  user_id bigint not null,
  pos bigint not null,
  constraint feed_position_pkey PRIMARY KEY (user_id)
) with (fillfactor=50);

create table first_contact (
  user_id bigint not null,
  contact_id bigint not null,
  recipient_id bigint not null,
  at timestamp with time zone not null,
  signature bytea,
  answered boolean not null,
  constraint first_contact_pkey PRIMARY KEY (user_id, contact_id)
);

create table follow (
  user_id bigint not null,
  followee_id bigint not null,
  created_at timestamp with time zone not null,
  constraint follow_pkey PRIMARY KEY (user_id, followee_id)
);

create table held (
  user_id bigint not null,
  held_id bigint not null,
  conversation_id bigint not null,
  client_id uuid not null,
  body_hash bigint not null,
  body text not null,
  held_at timestamp with time zone not null,
  constraint held_pkey PRIMARY KEY (user_id, held_id)
);
CREATE UNIQUE INDEX held_by_client_id ON held USING btree (user_id, conversation_id, client_id);

create table inbox (
  user_id bigint not null,
  conversation_id bigint not null,
  pos bigint not null,
  peer_id bigint,
  folder smallint not null,
  muted boolean not null,
  head_seq bigint not null,
  read_seq bigint not null,
  last_activity_at timestamp with time zone not null,
  folder_rev bigint not null default 0,
  quiet smallint not null default 0,
  expires_at timestamp with time zone,
  constraint inbox_pkey PRIMARY KEY (user_id, conversation_id)
) with (fillfactor=80);
CREATE INDEX inbox_by_activity ON inbox USING btree (user_id, folder, last_activity_at DESC, conversation_id DESC);
CREATE UNIQUE INDEX inbox_by_pos ON inbox USING btree (user_id, pos);
CREATE INDEX inbox_expiring ON inbox USING btree (expires_at) WHERE ((folder = 2) AND (expires_at IS NOT NULL));
CREATE INDEX inbox_waiting ON inbox USING btree (user_id, quiet, expires_at) WHERE (folder = 2);

create table intent (
  user_id bigint not null,
  intent_id bigint not null,
  kind text not null,
  other_id bigint,
  created_at timestamp with time zone not null,
  constraint intent_pkey PRIMARY KEY (user_id, intent_id)
);

create table ledger (
  user_id bigint not null,
  entry_id bigint not null,
  at timestamp with time zone not null,
  kind smallint not null,
  other_id bigint not null,
  purpose smallint,
  via smallint not null,
  wording text,
  conversation_id bigint,
  constraint ledger_pkey PRIMARY KEY (user_id, entry_id)
);

create table mute (
  user_id bigint not null,
  muted_id bigint not null,
  created_at timestamp with time zone not null,
  constraint mute_pkey PRIMARY KEY (user_id, muted_id)
);

create table owner_refusal (
  user_id bigint not null,
  owner text not null,
  purpose smallint not null,
  entry_id bigint not null,
  constraint owner_refusal_pkey PRIMARY KEY (user_id, owner, purpose)
);

create table pair (
  low_id bigint not null,
  high_id bigint not null,
  conversation_id bigint not null,
  constraint pair_pkey PRIMARY KEY (low_id, high_id)
);
CREATE INDEX pair_by_high ON pair USING btree (high_id, low_id);

create table person (
  user_id bigint not null,
  username text not null,
  name text not null,
  bio text not null,
  website text not null,
  kind smallint not null,
  owner text,
  created_at timestamp with time zone not null,
  reach smallint not null,
  deleted_at timestamp with time zone,
  read_receipts boolean not null default true,
  typing boolean not null default true,
  constraint person_pkey PRIMARY KEY (user_id)
);
CREATE INDEX person_by_owner ON person USING btree (owner, user_id) WHERE (owner IS NOT NULL);

create table report (
  user_id bigint not null,
  report_id bigint not null,
  reported_id bigint not null,
  reason text not null,
  conversation_id bigint,
  messages jsonb not null,
  created_at timestamp with time zone not null,
  constraint report_pkey PRIMARY KEY (user_id, report_id)
);

create table reported (
  user_id bigint not null,
  report_id bigint not null,
  at timestamp with time zone not null,
  constraint reported_pkey PRIMARY KEY (user_id, report_id)
);

create table sent_host (
  user_id bigint not null,
  host text not null,
  first_at timestamp with time zone not null,
  conversations bigint[] not null,
  constraint sent_host_pkey PRIMARY KEY (user_id, host)
);

-- Family identity

create table account (
  id text not null,
  "accountId" text not null,
  "providerId" text not null,
  "userId" text not null,
  "accessToken" text,
  "refreshToken" text,
  "idToken" text,
  "accessTokenExpiresAt" timestamp with time zone,
  "refreshTokenExpiresAt" timestamp with time zone,
  scope text,
  password text,
  "createdAt" timestamp with time zone not null default CURRENT_TIMESTAMP,
  "updatedAt" timestamp with time zone not null,
  constraint account_pkey PRIMARY KEY (id),
  constraint "account_userId_fkey" FOREIGN KEY ("userId") REFERENCES "user"(id) ON DELETE CASCADE
);
CREATE INDEX "account_userId_idx" ON account USING btree ("userId");

create table api_key (
  id text not null,
  "userId" text not null,
  name text not null,
  hash bytea not null,
  hint text not null,
  "createdAt" timestamp with time zone not null,
  "lastUsedAt" timestamp with time zone,
  constraint api_key_pkey PRIMARY KEY (id),
  constraint api_key_hash_key UNIQUE (hash),
  constraint "api_key_userId_fkey" FOREIGN KEY ("userId") REFERENCES "user"(id) ON DELETE CASCADE
);
CREATE INDEX "api_key_userId_idx" ON api_key USING btree ("userId");

create table directory_entry (
  phrase text collate "C" not null,
  "userId" text not null,
  constraint directory_entry_pkey PRIMARY KEY (phrase, "userId"),
  constraint "directory_entry_userId_fkey" FOREIGN KEY ("userId") REFERENCES "user"(id) ON DELETE CASCADE
);
CREATE INDEX "directory_entry_userId_idx" ON directory_entry USING btree ("userId");

create table node (
  number smallint not null,
  token text not null,
  secret_mark text not null,
  seen_at timestamp with time zone not null,
  constraint node_pkey PRIMARY KEY (number),
  constraint node_number_check CHECK (((number >= 0) AND (number <= 1023)))
);

create table retired_username (
  username text collate "C" not null,
  "retiredAt" timestamp with time zone not null,
  constraint retired_username_pkey PRIMARY KEY (username)
);

create table session (
  id text not null,
  "expiresAt" timestamp with time zone not null,
  token text not null,
  "createdAt" timestamp with time zone not null default CURRENT_TIMESTAMP,
  "updatedAt" timestamp with time zone not null,
  "ipAddress" text,
  "userAgent" text,
  "userId" text not null,
  constraint session_pkey PRIMARY KEY (id),
  constraint session_token_key UNIQUE (token),
  constraint "session_userId_fkey" FOREIGN KEY ("userId") REFERENCES "user"(id) ON DELETE CASCADE
);
CREATE INDEX "session_expiresAt_idx" ON session USING btree ("expiresAt");
CREATE INDEX "session_userId_idx" ON session USING btree ("userId");

create table "twoFactor" (
  id text not null,
  secret text not null,
  "backupCodes" text not null,
  "userId" text not null,
  verified boolean,
  "failedVerificationCount" integer,
  "lockedUntil" timestamp with time zone,
  constraint "twoFactor_pkey" PRIMARY KEY (id),
  constraint "twoFactor_userId_fkey" FOREIGN KEY ("userId") REFERENCES "user"(id) ON DELETE CASCADE
);
CREATE INDEX "twoFactor_secret_idx" ON "twoFactor" USING btree (secret);
CREATE INDEX "twoFactor_userId_idx" ON "twoFactor" USING btree ("userId");

create table "user" (
  id text not null,
  name text not null,
  email text not null,
  "emailVerified" boolean not null,
  image text,
  "createdAt" timestamp with time zone not null default CURRENT_TIMESTAMP,
  "updatedAt" timestamp with time zone not null default CURRENT_TIMESTAMP,
  username text collate "C" not null,
  "twoFactorEnabled" boolean,
  kind text not null,
  owner text,
  "madeByOperator" boolean not null default false,
  "personMade" boolean not null default false,
  "suspendedAt" timestamp with time zone,
  constraint user_pkey PRIMARY KEY (id),
  constraint user_email_key UNIQUE (email)
);
CREATE UNIQUE INDEX user_username_key ON "user" USING btree (username) INCLUDE (id);
CREATE TRIGGER user_username_not_retired AFTER INSERT OR UPDATE OF username ON "user" FOR EACH ROW EXECUTE FUNCTION refuse_retired_username();

create table verification (
  id text not null,
  identifier text not null,
  value text not null,
  "expiresAt" timestamp with time zone not null,
  "createdAt" timestamp with time zone not null default CURRENT_TIMESTAMP,
  "updatedAt" timestamp with time zone not null default CURRENT_TIMESTAMP,
  constraint verification_pkey PRIMARY KEY (id)
);
CREATE INDEX verification_identifier_idx ON verification USING btree (identifier);

-- function refuse_retired_username()

-- Family jobs
