-- Whoever ordered a transfer that waits may call it back, and one that waited counts from when it was posted.

-- A transfer as the API shows it. Members that say nothing are left out. One that waited, and has no time of its own,
-- counts from when it was posted, as its entries do.
create or replace function ledger_transfer_json(
  id uuid, type text, status text, source uuid, destination uuid, amount bigint, exponent smallint, currency text,
  reference_id text, description text, effective_at timestamptz, recorded_at timestamptz, hold_id uuid,
  reverts_id uuid, reverted_by_id uuid, failure_code text,
  attempts integer, last_error text, last_attempt_at timestamptz, next_attempt_at timestamptz
) returns text
language sql stable parallel safe
return '{"id":"' || id::text || '","type":' || to_json(type)::text || ',"status":"' || status
  || '","sourceAccountId":"' || source::text || '","destinationAccountId":"' || destination::text
  || '","amount":"' || ledger_decimal(amount, exponent) || '","currency":"' || currency || '"'
  || coalesce(',"referenceId":' || to_json(reference_id)::text, '')
  || coalesce(',"description":' || to_json(description)::text, '')
  || ',"effectiveAt":"' || ledger_time(coalesce(
    effective_at, case when attempts > 0 and status in ('complete', 'rollback') then last_attempt_at end, recorded_at
  ))
  || '","recordedAt":"' || ledger_time(recorded_at) || '"'
  || coalesce(',"holdId":"' || hold_id::text || '"', '')
  || coalesce(',"revertsTransferId":"' || reverts_id::text || '"', '')
  || coalesce(',"revertedByTransferId":"' || reverted_by_id::text || '"', '')
  || coalesce(',"failureReason":"' || failure_code || '"', '')
  || case when attempts = 0 and next_attempt_at is null then '' else
    ',"attempts":' || attempts::text
    || coalesce(',"lastError":"' || last_error || '"', '')
    || coalesce(',"lastAttemptAt":"' || ledger_time(last_attempt_at) || '"', '')
    || coalesce(',"nextAttemptAt":"' || ledger_time(next_attempt_at) || '"', '')
  end || '}';

-- Calls back a transfer that waits for funds or for its time: operators any, others what they ordered themselves.
-- A retry holds the row while it posts, and is waited for. Nothing is waited for after that, so nothing can deadlock.
create function ledger_cancel(
  transfer_id uuid, scope text, key text, hash bytea, instance text, request_id text, problems text
) returns table (status smallint, body text, replayed boolean)
language plpgsql as $$
#variable_conflict use_variable
declare
  t ledger_transfers;
  r record;
begin
  select f.* into r from ledger_known_answer(scope, key, hash, instance, request_id, problems) as f;
  if found then
    return query select r.status, r.body, r.replayed;
    return;
  end if;
  replayed := false;
  select f.* into t from ledger_transfers as f where f.id = transfer_id for update;
  if t.id is null or (scope <> 'platform' and t.scope <> scope) then
    status := 404;
    body := ledger_problem(problems, 'transfer_not_found', 'There is no such transfer', instance, request_id);
  elsif t.status <> 'pending' then
    status := 409;
    body := ledger_problem(problems, 'transfer_not_pending', 'The transfer is ' || t.status || ': nothing waits', instance, request_id);
  else
    update ledger_transfers as f
    set status = 'failed', failure_code = 'cancelled', next_attempt_at = null, last_attempt_at = clock_timestamp()
    where f.id = transfer_id
    returning f.* into t;
    insert into outbox (subject, message_id, payload)
    values ('transaction.failed', 'transaction.failed:' || t.id::text, jsonb_strip_nulls(jsonb_build_object(
      'transferId', t.id, 'type', t.type, 'status', t.status, 'sourceAccountId', t.source_account_id,
      'destinationAccountId', t.destination_account_id, 'amount', ledger_decimal(t.amount, t.exponent),
      'currency', t.currency, 'referenceId', t.reference_id, 'failureReason', t.failure_code,
      'occurredAt', ledger_time(t.last_attempt_at)
    )));
    status := 200;
    body := ledger_transfer_json(t);
  end if;
  perform ledger_keep_answer(scope, key, hash, status, body);
  return next;
end
$$;
