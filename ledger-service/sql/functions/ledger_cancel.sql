-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- Calls back a transfer that waits for funds or for its time: operators any, others what they ordered themselves.
-- A retry holds the row while it posts, and is waited for. Nothing is waited for after that, so nothing can deadlock.
create or replace function ledger_cancel(
  transfer_id uuid, scope text, key text, hash bytea, instance text, request_id text, problems text,
  headers jsonb default null
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
    insert into outbox (subject, message_id, payload, headers)
    values ('transaction.failed', 'transaction.failed:' || t.id::text, jsonb_strip_nulls(jsonb_build_object(
      'transferId', t.id, 'type', t.type, 'status', t.status, 'sourceAccountId', t.source_account_id,
      'destinationAccountId', t.destination_account_id, 'amount', ledger_decimal(t.amount, t.exponent),
      'currency', t.currency, 'referenceId', t.reference_id, 'failureReason', t.failure_code,
      'occurredAt', ledger_time(t.last_attempt_at)
    )), coalesce(headers, '{}'));
    status := 200;
    body := ledger_transfer_json(t);
  end if;
  perform ledger_keep_answer(scope, key, hash, status, body);
  return next;
end
$$;
