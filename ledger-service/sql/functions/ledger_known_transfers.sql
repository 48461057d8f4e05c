-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- How transfers are answered that were answered before, by key or by reference, and those whose key or reference another
-- request is at: of the others nothing. remembered: by its key, which is then known already.
create or replace function ledger_known_transfers(
  accounts uuid[], sources integer[], destinations integer[], amounts numeric[], types text[], scopes text[],
  keys text[], hashes bytea[], refs text[], dry boolean, request_ids text[], instances text[], problems text
) returns table (n integer, status smallint, body text, replayed boolean, remembered boolean)
language plpgsql as $$
#variable_conflict use_variable
declare
  answered boolean[] := array_fill(false, array[cardinality(types)]);
  r record;
begin
  if keys is not null and not dry then
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
  if not dry then
    for i in 1..cardinality(refs) loop
      if refs[i] is not null and not answered[i] and not ledger_claim(scopes[i], 'reference ' || types[i] || ' ' || refs[i]) then
        answered[i] := true;
        n := i; status := 409; replayed := false;
        body := ledger_problem(problems, 'request_in_progress', 'A transfer with this reference is still running', instances[i], request_ids[i]);
        return next;
      end if;
    end loop;
  end if;
  for r in
    select k.n, t as transfer
    from generate_series(1, cardinality(refs)) as k (n)
    join ledger_transfers as t
      on t.scope = scopes[k.n] and t.type = types[k.n] and t.reference_id = refs[k.n] and t.status <> 'failed'
    where not answered[k.n]
  loop
    n := r.n;
    replayed := coalesce(
      (r.transfer).source_account_id = accounts[sources[n]]
        and (r.transfer).destination_account_id = accounts[destinations[n]]
        and (r.transfer).amount = amounts[n] * 10::numeric ^ (r.transfer).exponent::numeric,
      false
    );
    if replayed then
      status := 200; body := ledger_transfer_json(r.transfer);
    else
      status := 409;
      body := ledger_problem(problems, 'reference_reused', 'This reference belongs to another transfer', instances[n], request_ids[n], ledger_field_error('/referenceId', 'was used for another transfer'));
    end if;
    return next;
  end loop;
end
$$;
