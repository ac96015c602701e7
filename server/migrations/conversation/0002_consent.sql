-- Consent, as a send sees it under the conversation's lock. What a member lets the *other* of a direct conversation do
-- stands in the member's own row; the history of it is the ledger in the person family.

alter table member
  -- 0 none, 1 pending, 2 accepted, 3 closed: the other's personal messages. Time moves 1 to 3 and both to 0 without a
  -- write; readers compute that from requested_at.
  add column contact smallint not null default 0,
  -- The other's unanswered first message: when it came and which it is.
  add column requested_at timestamptz,
  add column requested_seq bigint,
  -- Bits: why the request makes no badge; 0 for an ordinary one.
  add column quiet smallint not null default 0,
  -- Where the conversation lies for this member, and a count of its moves: inbox rows take the place of the highest.
  add column folder smallint not null default 1,
  add column folder_rev bigint not null default 0,
  -- Bits by purpose: 1 service, 2 automated, 4 promotional.
  add column grants smallint not null default 0,
  add column refusals smallint not null default 0,
  -- The member's message whose reply credit was used, and how much of it; messages up to credit_void open none.
  add column credit_seq bigint not null default 0,
  add column credit_used smallint not null default 0,
  add column credit_void bigint not null default 0,
  -- The other may learn what was read from here on; never what was read before it was accepted.
  add column receipts_after bigint not null default 0;

-- Whoever has written to somebody takes their answers.
update member set contact = 2 where wrote_at is not null;

-- 0 as sent, 1 changed, 2 changed for its sender alone: the new text stands in edit.
alter table message add column edited smallint not null default 0;

create table edit (
  conversation_id bigint not null,
  seq bigint not null,
  edit_no smallint not null,
  edited_at timestamptz not null,
  body text not null,
  primary key (conversation_id, seq, edit_no)
);

-- Every message that is not personal, and the ledger entry of its recipient that allowed it.
create table permit (
  conversation_id bigint not null,
  seq bigint not null,
  recipient_id bigint not null,
  entry_id bigint not null,
  primary key (conversation_id, seq)
);
