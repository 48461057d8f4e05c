-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- What keeps a transfer from moving money just now; null is nothing. early: it has to wait for its time, and is not held
-- to what there is today. available: null is no limit.
create or replace function ledger_funds_fault(
  source_status text, destination_status text, early boolean, available bigint, minor bigint, debits bigint, credits bigint
) returns text
language sql immutable parallel safe
return case
  when source_status <> 'open' then 'source_not_open'
  when destination_status = 'closed' then 'destination_closed'
  when early then null
  when available < minor then 'insufficient_funds'
  when debits + minor > 4000000000000000000 or credits + minor > 4000000000000000000 then 'counter_full'
end;
