-- The processes that serve this community now. Each holds a number, which its ids carry, so that no two make the same.
-- Not of the community: times are the machine's, and a row may go at any time after its process.
create table node (
  number smallint primary key check (number between 0 and 1023),
  -- Drawn at the start; whoever finds another one in its row has lost the number.
  token text not null,
  -- Tells whether two processes have the same ASIDE_AUTH_SECRET, and nothing else of it.
  secret_mark text not null,
  seen_at timestamptz not null
);
