-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- Writes new transfers in their order, those that moved money with both entries, and takes back what they revert.
create or replace function ledger_insert_transfers(transfers ledger_transfers[], reverting boolean default false) returns void
language plpgsql as $$
begin
  insert into ledger_transfers (
    id, type, status, source_account_id, destination_account_id, amount, source_version, destination_version,
    source_sub, destination_sub, source_balance, destination_balance, entry_id, xid, exponent, currency, scope,
    reference_id, description, effective_at, recorded_at, hold_id, reverts_id, failure_code, attempts, last_error,
    last_attempt_at, next_attempt_at, headers
  )
  select
    t.id, t.type, t.status, t.source_account_id, t.destination_account_id, t.amount, t.source_version,
    t.destination_version, t.source_sub, t.destination_sub, t.source_balance, t.destination_balance,
    case when t.status = 'complete' then nextval('ledger_entry_ids') end,
    case when t.status = 'complete' then pg_current_xact_id() end,
    t.exponent, t.currency, t.scope, t.reference_id, t.description, t.effective_at, t.recorded_at, t.hold_id,
    t.reverts_id, t.failure_code, t.attempts, t.last_error, t.last_attempt_at, t.next_attempt_at,
    -- What its later events will carry.
    case when t.status = 'pending' then t.headers end
  from unnest(transfers) as t;
  if reverting then
    update ledger_transfers as t set status = 'rollback', reverted_by_id = u.id
    from unnest(transfers) as u
    where t.id = u.reverts_id and u.status = 'complete';
  end if;
end
$$;
