-- What a person allowed and refused (the ledger and what follows from it), and what a sender has used up.

-- Append-only: never updated, deleted only with its person.
create table ledger (
  user_id bigint not null,
  entry_id bigint not null,
  at timestamptz not null,
  kind smallint not null,
  other_id bigint not null,
  purpose smallint,
  via smallint not null,
  wording text,
  conversation_id bigint,
  primary key (user_id, entry_id)
);

-- The latest word per sender and purpose: 1 granted (or accepted), 2 revoked.
create table consent (
  user_id bigint not null,
  other_id bigint not null,
  purpose smallint not null,
  state smallint not null,
  since timestamptz not null,
  entry_id bigint not null,
  primary key (user_id, other_id, purpose)
);
create index consent_by_entry on consent (user_id, entry_id desc);
-- A brand that joins an owner brings the refusals it was given.
create index consent_refused on consent (other_id, user_id) where state = 2;

-- Refusals that hold for every brand of one owner, also for one that joins later.
create table owner_refusal (
  user_id bigint not null,
  owner text not null,
  purpose smallint not null,
  entry_id bigint not null,
  primary key (user_id, owner, purpose)
);
create index person_by_owner on person (owner, user_id) where owner is not null;

-- First messages of a sender, for the budget: kept a month, without their text.
create table first_contact (
  user_id bigint not null,
  contact_id bigint not null,
  recipient_id bigint not null,
  at timestamptz not null,
  -- MinHash of the text, 64 words of 32 bits; null for a short one, which resembles nothing.
  signature bytea,
  answered boolean not null,
  primary key (user_id, contact_id)
);

-- Reports by the person they are about, to be counted where the sender is known.
create table reported (
  user_id bigint not null,
  report_id bigint not null,
  at timestamptz not null,
  primary key (user_id, report_id)
);

-- Link hosts by sender: when first sent, and to which conversations within the brake's window.
create table sent_host (
  user_id bigint not null,
  host text not null,
  first_at timestamptz not null,
  conversations bigint[] not null,
  primary key (user_id, host)
);

-- Messages that wait until their sender signs in again.
create table held (
  user_id bigint not null,
  held_id bigint not null,
  conversation_id bigint not null,
  client_id uuid not null,
  body_hash bigint not null,
  body text not null,
  held_at timestamptz not null,
  primary key (user_id, held_id)
);
create unique index held_by_client_id on held (user_id, conversation_id, client_id);

alter table inbox
  add column folder_rev bigint not null default 0,
  add column quiet smallint not null default 0,
  -- A request is gone from here on, whether or not anybody has moved it.
  add column expires_at timestamptz;
create index inbox_expiring on inbox (expires_at) where folder = 2 and expires_at is not null;
-- What the badge counts.
create index inbox_waiting on inbox (user_id, quiet, expires_at) where folder = 2;
