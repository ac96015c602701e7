-- What others may notice of this person beyond their messages; each is given and taken together.

alter table person
  add column read_receipts boolean not null default true,
  add column typing boolean not null default true;
