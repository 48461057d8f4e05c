-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

create or replace function ledger_keep_answer(scope text, key text, hash bytea, status smallint, body text) returns void
language sql volatile
begin atomic
  insert into idempotency_keys (caller_id, idempotency_key, request_hash, response_status, response_body)
  select scope, key, hash, status, body
  where key is not null and status < 500 and status not in (401, 409, 429);
end;
