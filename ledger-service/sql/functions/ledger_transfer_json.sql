-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- A transfer as the API shows it.
create or replace function ledger_transfer_json(t ledger_transfers) returns text
language sql stable parallel safe
return ledger_transfer_json(t, ledger_time(t.recorded_at));

-- A transfer as the API shows it. Members that say nothing are left out. One that waited, and has no time of its own,
-- counts from when it was posted, as its entries do. recorded: its recorded_at in words, which take long to find and are
-- the same for all of a batch.
create or replace function ledger_transfer_json(t ledger_transfers, recorded text) returns text
language sql stable parallel safe
return '{"id":"' || t.id::text || '","type":' || to_json(t.type)::text || ',"status":"' || t.status
  || '","sourceAccountId":"' || t.source_account_id::text
  || '","destinationAccountId":"' || t.destination_account_id::text
  || '","amount":"' || ledger_decimal(t.amount, t.exponent) || '","currency":"' || t.currency || '"'
  || coalesce(',"referenceId":' || to_json(t.reference_id)::text, '')
  || coalesce(',"description":' || to_json(t.description)::text, '')
  || ',"effectiveAt":"' || coalesce(ledger_time(coalesce(
    t.effective_at, case when t.attempts > 0 and t.status in ('complete', 'rollback') then t.last_attempt_at end
  )), recorded)
  || '","recordedAt":"' || recorded || '"'
  || coalesce(',"holdId":"' || t.hold_id::text || '"', '')
  || coalesce(',"revertsTransferId":"' || t.reverts_id::text || '"', '')
  || coalesce(',"revertedByTransferId":"' || t.reverted_by_id::text || '"', '')
  || coalesce(',"failureReason":"' || t.failure_code || '"', '')
  || case when t.attempts = 0 and t.next_attempt_at is null then '' else
    ',"attempts":' || t.attempts::text
    || coalesce(',"lastError":"' || t.last_error || '"', '')
    || coalesce(',"lastAttemptAt":"' || ledger_time(t.last_attempt_at) || '"', '')
    || coalesce(',"nextAttemptAt":"' || ledger_time(t.next_attempt_at) || '"', '')
  end || '}';
