-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- A transfer as it will be written, but for what comes with writing: its entries' number and transaction. The versions,
-- parts and balances that it leaves its accounts with are left out where it moves nothing.
create or replace function ledger_new_transfer(
  id uuid, type text, status text, source uuid, destination uuid, amount bigint, exponent smallint, currency text,
  scope text, reference_id text, recorded_at timestamptz, source_version bigint, source_sub smallint,
  source_balance bigint, destination_version bigint, destination_sub smallint, destination_balance bigint,
  hold_id uuid default null, reverts_id uuid default null,
  description text default null, effective_at timestamptz default null, failure text default null,
  next_attempt_at timestamptz default null, headers jsonb default null
) returns ledger_transfers
language sql
return (
  id, type, status, source, destination, amount,
  case when status = 'complete' then source_version end, case when status = 'complete' then destination_version end,
  case when status = 'complete' then source_sub end, case when status = 'complete' then destination_sub end,
  exponent, currency, scope, reference_id, description, effective_at, recorded_at, hold_id, reverts_id, null,
  case when status = 'failed' then failure end, case when failure is null then 0 else 1 end, failure,
  case when failure is not null then recorded_at end, next_attempt_at,
  case when status = 'complete' then source_balance end, case when status = 'complete' then destination_balance end,
  null, null, null, null, headers
)::ledger_transfers;
