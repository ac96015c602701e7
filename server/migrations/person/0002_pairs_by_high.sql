-- A deleted account leaves every conversation it is registered in, also those where its id is the higher one.
create index pair_by_high on pair (high_id, low_id);
