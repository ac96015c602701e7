-- Counts every change of a member row of this conversation. It is raised in the transaction that changes the member, so
-- whoever holds this row's lock knows by it whether the members they remember are the members there are.
alter table conversation add column member_rev bigint not null default 0;
