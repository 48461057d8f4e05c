-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- What was answered under a key before: no row if nothing was, 'in progress' while somebody else is at it.
create or replace function ledger_known_answer(
  scope text, key text, hash bytea, instance text, request_id text, problems text
) returns table (status smallint, body text, replayed boolean)
language plpgsql as $$
declare
  r record;
begin
  if key is null then return; end if;
  if not ledger_claim(scope, key) then
    return query select 409::smallint, ledger_problem(problems, 'request_in_progress', 'A request with this Idempotency-Key is still running', instance, request_id), false;
    return;
  end if;
  select f.* into r from idempotency_keys as f where f.caller_id = scope and f.idempotency_key = key;
  if not found then return; end if;
  if r.request_hash <> hash then
    return query select 422::smallint, ledger_problem(problems, 'idempotency_key_reused', 'This Idempotency-Key was used for another request', instance, request_id), false;
    return;
  end if;
  return query select r.response_status, r.response_body, true;
end
$$;
