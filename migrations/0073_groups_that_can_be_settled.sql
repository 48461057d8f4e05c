-- A group of authorizations is settled in one transaction: it has at most 1,000, and the one that would be too many is
-- refused when it is asked for. What is larger already is settled all the same. And operators settle a group of anybody's,
-- whom they name: its id is the owner's own and may be another's too.

-- How many of a group were approved, as far as that matters: at most 1,000; along ledger_holds_group.
create function ledger_group_size(scope text, group_id uuid) returns bigint
language sql stable
return (
  select count(*) from (
    select from ledger_holds as h
    where h.group_id = ledger_group_size.group_id and h.scope = ledger_group_size.scope
    limit 1000
  ) as g
);

-- Both functions stay as they are but for these words.
do $patch$
declare
  one constant text[] := array[
    $$if amount > 0 and coalesce(amount <= max_amount, true) and (key$$,
    $$if amount > 0 and coalesce(amount <= max_amount, true)
    and (group_id is null or ledger_group_size(scope, group_id) < 1000) and (key$$
  ];
  many constant text[] := array[
    $$      minor := scaled;
      available := r.unheld - held;
$$,
    $$      -- Those of this batch are counted where they may matter.
      if groups[i] is not null and ledger_group_size(scopes[i], groups[i]) + approved >= 1000 and 1000 <= (
        select ledger_group_size(scopes[i], groups[i]) + count(*) from unnest(scopes, groups, o_version) as b (scope, group_id, version)
        where b.scope = scopes[i] and b.group_id = groups[i] and b.version is not null
      ) then
        o_status[i] := 422;
        o_body[i] := ledger_problem(problems, 'validation_failed', 'The body breaks a rule: see errors', instances[i], request_ids[i], ledger_field_error('/groupId', 'has 1000 authorizations, the most that are settled together: begin another group'));
        continue;
      end if;
      minor := scaled;
      available := r.unheld - held;
$$
  ];
  patches text[];
  definition text;
begin
  for part in 1..2 loop
    patches := case part when 1 then one else many end;
    definition := pg_get_functiondef((array['ledger_authorize_one', 'ledger_authorize_many'])[part]::regproc);
    for i in 1..cardinality(patches) by 2 loop
      if (length(definition) - length(replace(definition, patches[i], ''))) / length(patches[i]) <> 1 then
        raise exception 'the function does not say % once', patches[i];
      end if;
      definition := replace(definition, patches[i], patches[i + 1]);
    end loop;
    execute definition;
  end loop;
end
$patch$;

drop function ledger_settle_group;
-- Captures or voids all holds of a group, each whole, or none of them: one answer, under one key. whose: the scope that
-- the group is of; null is the caller's own.
create function ledger_settle_group(
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
