-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- How captures are answered that were answered before, by key or by reference, and those whose key or reference another
-- request is at: of the others nothing. remembered: by its key, which is then known already.
create or replace function ledger_known_captures(
  holds uuid[], scopes text[], amounts numeric[], finals boolean[], destinations uuid[], keys text[], hashes bytea[],
  refs text[], request_ids text[], instances text[], problems text
) returns table (n integer, status smallint, body text, replayed boolean, remembered boolean)
language plpgsql as $$
#variable_conflict use_variable
declare
  answered boolean[] := array_fill(false, array[cardinality(holds)]);
  r record;
begin
  if keys is not null then
    for n, status, body, replayed in
      select f.n, f.status, f.body, f.replayed
      from ledger_answered(scopes, keys, hashes, request_ids, instances, problems) as f
    loop
      answered[n] := true; remembered := replayed;
      return next;
    end loop;
  end if;
  if refs is null then return; end if;
  remembered := false;
  for i in 1..cardinality(refs) loop
    if refs[i] is not null and not answered[i] and not ledger_claim(scopes[i], 'reference capture ' || refs[i]) then
      answered[i] := true;
      n := i; status := 409; replayed := false;
      body := ledger_problem(problems, 'request_in_progress', 'A capture with this reference is still running', instances[i], request_ids[i]);
      return next;
    end if;
  end loop;
  for r in
    select k.n, t.hold_id, t.id, t.amount, t.exponent, t.destination_account_id, z as hold
    from generate_series(1, cardinality(refs)) as k (n)
    join ledger_transfers as t
      on t.scope = scopes[k.n] and t.type = 'capture' and t.reference_id = refs[k.n] and t.status <> 'failed'
    join ledger_holds as z on z.id = t.hold_id
    where not answered[k.n]
  loop
    n := r.n;
    -- Without an amount, or with final, nothing is open behind it.
    replayed := coalesce(
      r.hold_id = holds[n]
        and r.amount = coalesce(amounts[n] * 10::numeric ^ r.exponent::numeric, case when (r.hold).open = 0 then r.amount end)
        and ((r.hold).open = 0 or finals[n] is not true)
        and coalesce(destinations[n] = r.destination_account_id, true),
      false
    );
    if replayed then
      status := 200; body := ledger_capture_json(r.id, r.amount, r.hold);
    else
      status := 409;
      body := ledger_problem(problems, 'reference_reused', 'This reference belongs to another capture', instances[n], request_ids[n], ledger_field_error('/referenceId', 'was used for another capture'));
    end if;
    return next;
  end loop;
end
$$;
