-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- What was answered before under the keys of a batch, and whose key another request is at: of the others nothing.
create or replace function ledger_answered(
  scopes text[], keys text[], hashes bytea[], request_ids text[], instances text[], problems text
) returns table (n integer, status smallint, body text, replayed boolean)
language plpgsql as $$
#variable_conflict use_variable
declare
  claimed boolean[] := array_fill(true, array[cardinality(keys)]);
  r record;
begin
  for i in 1..cardinality(keys) loop
    if keys[i] is not null and not ledger_claim(scopes[i], keys[i]) then
      claimed[i] := false;
      n := i; status := 409; replayed := false;
      body := ledger_problem(problems, 'request_in_progress', 'A request with this Idempotency-Key is still running', instances[i], request_ids[i]);
      return next;
    end if;
  end loop;
  for r in
    select k.n, f.request_hash, f.response_status, f.response_body
    from generate_series(1, cardinality(keys)) as k (n)
    join idempotency_keys as f on f.caller_id = scopes[k.n] and f.idempotency_key = keys[k.n]
  loop
    continue when not claimed[r.n];
    n := r.n;
    replayed := coalesce(r.request_hash = hashes[r.n], false);
    if replayed then
      status := r.response_status; body := r.response_body;
    else
      status := 422;
      body := ledger_problem(problems, 'idempotency_key_reused', 'This Idempotency-Key was used for another request', instances[r.n], request_ids[r.n]);
    end if;
    return next;
  end loop;
end
$$;
