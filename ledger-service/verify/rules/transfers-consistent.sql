-- What a transfer's status says is what it carries, its two entries among it, and none goes from an account to itself
select id::text as subject,
  'is ' || status || ' from ' || source_account_id || ' version ' || coalesce(source_version::text, 'none') || ' to '
    || destination_account_id || ' version ' || coalesce(destination_version::text, 'none') || ', failed with '
    || coalesce(failure_code, 'nothing') || ', reverted by ' || coalesce(reverted_by_id::text, 'none')
    || ', next attempt at ' || coalesce(next_attempt_at::text, 'no time') || ', entry '
    || coalesce(entry_id::text, 'none') || ' in transaction ' || coalesce(xid::text, 'none') as detail
from ledger_transfers
where source_account_id = destination_account_id
  or num_nonnulls(
    source_version, destination_version, source_sub, destination_sub, source_balance, destination_balance, entry_id, xid
  ) <> case when status in ('complete', 'rollback') then 8 else 0 end
  or (status = 'failed') <> (failure_code is not null)
  or (status = 'rollback') <> (reverted_by_id is not null)
  or (status = 'pending') <> (next_attempt_at is not null)
