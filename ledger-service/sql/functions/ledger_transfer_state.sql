-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- What becomes of a transfer with such a fault: what waits for funds is pending, and stays so while its source is frozen,
-- which may pass; a refusal of an account that is there is kept as a failed transfer, and so is any of one that waited.
-- Null: nothing is kept.
create or replace function ledger_transfer_state(
  fault text, early boolean, waits boolean, retrying boolean, source_status text, destination_status text
) returns text
language sql immutable parallel safe
return case
  when fault is null then case when early then 'pending' else 'complete' end
  when waits and (
    fault = 'insufficient_funds'
    or (retrying and fault = 'source_not_open' and source_status = 'frozen' and destination_status <> 'closed')
  ) then 'pending'
  when fault in ('insufficient_funds', 'source_not_open', 'destination_closed') then 'failed'
  when retrying and fault = 'counter_full' then 'failed'
end;
