-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- How many of a group were approved, as far as that matters: at most 1,000; along ledger_holds_group.
create or replace function ledger_group_size(scope text, group_id uuid) returns bigint
language sql stable
return (
  select count(*) from (
    select from ledger_holds as h
    where h.group_id = ledger_group_size.group_id and h.scope = ledger_group_size.scope
    limit 1000
  ) as g
);
