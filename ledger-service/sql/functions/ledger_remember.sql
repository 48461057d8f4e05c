-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- Remembers what a batch is answered under its keys: neither what was remembered before nor what another attempt may
-- change. In PL/pgSQL, which keeps the plan.
create or replace function ledger_remember(
  scopes text[], keys text[], hashes bytea[], statuses smallint[], bodies text[], replayed boolean[]
) returns void
language plpgsql as $$
begin
  insert into idempotency_keys (caller_id, idempotency_key, request_hash, response_status, response_body)
  select scopes[k.n], keys[k.n], hashes[k.n], statuses[k.n], bodies[k.n]
  from generate_series(1, cardinality(keys)) as k (n)
  where keys[k.n] is not null and not replayed[k.n]
    and statuses[k.n] <> all (array[401, 409, 429]) and statuses[k.n] < 500
    and (statuses[k.n] <> 422 or bodies[k.n] not like '{"type":"/problems/idempotency_key_reused"%');
end
$$;
