-- What a transfer's status says is what it carries, and no transfer goes from an account to itself
select id::text as subject,
  'is ' || status || ' from ' || source_account_id || ' version ' || coalesce(source_version::text, 'none') || ' to '
    || destination_account_id || ' version ' || coalesce(destination_version::text, 'none') || ', failed with '
    || coalesce(failure_code, 'nothing') || ', reverted by ' || coalesce(reverted_by_id::text, 'none')
    || ', next attempt at ' || coalesce(next_attempt_at::text, 'no time') as detail
from ledger_transfers
where source_account_id = destination_account_id
  or (status in ('complete', 'rollback')) <> (num_nulls(source_version, destination_version, source_sub, destination_sub) = 0)
  or (status in ('pending', 'failed')) <> (num_nonnulls(source_version, destination_version, source_sub, destination_sub) = 0)
  or (status = 'failed') <> (failure_code is not null)
  or (status = 'rollback') <> (reverted_by_id is not null)
  or (status = 'pending') <> (next_attempt_at is not null)
