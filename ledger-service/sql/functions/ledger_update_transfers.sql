-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- Writes what became of transfers that waited and were tried once more.
create or replace function ledger_update_transfers(transfers ledger_transfers[]) returns void
language plpgsql as $$
begin
  update ledger_transfers as t
  set status = u.status, attempts = t.attempts + 1, last_attempt_at = u.recorded_at,
    last_error = coalesce(u.last_error, t.last_error), failure_code = u.failure_code,
    next_attempt_at = case when u.status = 'pending'
      then u.recorded_at + least(interval '1 minute' * 2 ^ least(t.attempts, 10), interval '1 hour') end,
    source_version = u.source_version, destination_version = u.destination_version,
    source_sub = u.source_sub, destination_sub = u.destination_sub,
    source_balance = u.source_balance, destination_balance = u.destination_balance,
    entry_id = case when u.status = 'complete' then nextval('ledger_entry_ids') end,
    xid = case when u.status = 'complete' then pg_current_xact_id() end
  from unnest(transfers) as u
  where t.id = u.id and t.status = 'pending';
end
$$;
