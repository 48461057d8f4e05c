-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- Captures or voids all holds of a group, each whole, or none of them: one answer, under one key. whose: the scope that
-- the group is of; null is the caller's own.
create or replace function ledger_settle_group(
  action text, group_id uuid, scope text, key text, hash bytea, request_id text, instance text, problems text,
  headers jsonb default null, whose text default null
) returns table (n integer, status smallint, body text, replayed boolean)
language plpgsql as $$
#variable_conflict use_variable
declare
  group_of constant text := coalesce(whose, scope);
  holds uuid[];
  scopes text[];
  parts text[];
  r record;
begin
  select a.n, a.status, a.body, a.replayed into n, status, body, replayed
  from ledger_answered(array[scope], array[key], array[hash], array[request_id], array[instance], problems) as a;
  if found then return next; return; end if;
  n := 1; status := 200; replayed := false;

  holds := array(select z.id from ledger_holds as z where z.group_id = group_id and z.scope = group_of order by z.id);
  scopes := array_fill(scope, array[cardinality(holds)]);
  if cardinality(holds) = 0 then
    select f.status, f.body into status, body
    from ledger_no_hold(
      (select d.id from ledger_declines as d where d.group_id = group_id and d.scope = group_of order by d.id limit 1),
      scope, instance, request_id, problems
    ) as f;
  elsif action = 'capture' then
    for r in
      select a.status, a.body from ledger_capture(
        ids => array(select ledger_new_id() from generate_series(1, cardinality(holds))), holds => holds,
        scopes => scopes, request_ids => array_fill(request_id, array[cardinality(holds)]),
        instances => array_fill(instance, array[cardinality(holds)]), atomic => true, problems => problems,
        headers => array_fill(headers, array[cardinality(holds)])
      ) as a
    loop
      if r.status >= 400 and status = 200 then status := r.status; body := r.body; end if;
      parts := parts || r.body;
    end loop;
  else
    for r in
      select a.status, a.body from ledger_void(
        holds => holds, scopes => scopes, request_ids => array_fill(request_id, array[cardinality(holds)]),
        instances => array_fill(instance, array[cardinality(holds)]), atomic => true, problems => problems,
        headers => array_fill(headers, array[cardinality(holds)])
      ) as a
    loop
      if r.status >= 400 and status = 200 then status := r.status; body := r.body; end if;
      parts := parts || r.body;
    end loop;
  end if;
  if status = 200 then
    body := '{"groupId":"' || group_id::text || '","items":[' || array_to_string(parts, ',') || ']}';
  end if;
  if key is not null then
    perform ledger_remember(array[scope], array[key], array[hash], array[status], array[body], array[false]);
  end if;
  return next;
end
$$;
