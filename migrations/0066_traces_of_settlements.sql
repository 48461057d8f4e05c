-- As 0063, for voids, expiry and groups. And while a migration is made under replicas of before, these are answered with
-- codes that they know: a code that `problems` does not hold had no status, and was a 500.

drop function ledger_close_holds;
-- Ends open holds whose accounts are locked: gives back what is open of them and announces it. headers: what the events
-- carry along; null is what the hold came with.
create function ledger_close_holds(
  ids uuid[], outcome text, moment timestamptz, headers jsonb[] default null
) returns void
language plpgsql as $$
begin
  with closing as (
    select z.id, z.account_id, z.owner_id, z.open, z.exponent, z.currency, z.reference_id, z.group_id,
      coalesce(ledger_close_holds.headers[array_position(ids, z.id)], z.headers, '{}') as headers,
      a.version + row_number() over (partition by z.account_id order by z.id) as version
    from ledger_holds as z join ledger_accounts as a on a.id = z.account_id
    where z.id = any (ids) and z.status = 'open'
  ), closed as (
    update ledger_holds as z
    set voided = z.voided + case outcome when 'voided' then c.open else 0 end,
      expired = z.expired + case outcome when 'expired' then c.open else 0 end,
      status = outcome, closed_version = c.version, updated_at = moment
    from closing as c where z.id = c.id
  ), released as (
    update ledger_accounts as a
    set debits_pending = a.debits_pending - c.open, version = c.version, updated_at = moment,
      overlimit = least(
        a.overlimit, greatest(a.debits_posted + a.debits_pending - c.open - a.credits_posted - a.credit_limit, 0)
      )
    from (select account_id, sum(open)::bigint as open, max(version) as version from closing group by account_id) as c
    where a.id = c.account_id
  )
  insert into outbox (subject, message_id, payload, headers)
  select 'authorization.' || outcome, 'authorization.' || outcome || ':' || c.id::text,
    jsonb_build_object(
      'authorizationId', c.id, 'userId', c.owner_id, 'accountId', c.account_id, 'accountVersion', c.version,
      'releasedAmount', ledger_decimal(c.open, c.exponent), 'currency', c.currency,
      'referenceId', c.reference_id, 'groupId', c.group_id, 'occurredAt', ledger_time(moment)
    ), c.headers
  from closing as c;
end
$$;

drop function ledger_void;
-- Gives back what is open of holds. Locks as ledger_capture.
create function ledger_void(
  holds uuid[],
  scopes text[],
  keys text[] default null,
  hashes bytea[] default null,
  request_ids text[] default null,
  instances text[] default null,
  atomic boolean default false,
  problems text default '{}',
  headers jsonb[] default null
) returns table (n integer, status smallint, body text, replayed boolean)
language plpgsql
-- Plans for arrays are made once instead of for each call.
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_variable
declare
  count constant integer := cardinality(holds);
  r record;
  i integer;
  refused boolean := false;
  o_status smallint[] := array_fill(null::smallint, array[count]);
  o_body text[] := array_fill(null::text, array[count]);
  o_replayed boolean[] := array_fill(false, array[count]);
  o_account uuid[] := array_fill(null::uuid, array[count]);
  closing uuid[] := '{}';
  told jsonb[] := '{}';
  code text;
  moment timestamptz;
begin
  if keys is not null then
    for r in select a.n, a.status, a.body, a.replayed from ledger_answered(scopes, keys, hashes, request_ids, instances, problems) as a loop
      o_status[r.n] := r.status; o_body[r.n] := r.body; o_replayed[r.n] := r.replayed;
    end loop;
  end if;
  for r in
    select k.n, z.account_id from unnest(holds, scopes) with ordinality as k (hold_id, scope, n)
    join ledger_holds as z on z.id = k.hold_id and (z.scope = k.scope or k.scope = 'platform')
  loop
    o_account[r.n] := r.account_id;
  end loop;
  for i in 1..count loop
    if o_status[i] is null and o_account[i] is null then
      refused := true;
      select f.status, f.body into r from ledger_no_hold(holds[i], scopes[i], instances[i], request_ids[i], problems) as f;
      o_status[i] := r.status; o_body[i] := r.body;
    end if;
    if o_status[i] is not null then o_account[i] := null; end if;
  end loop;

  moment := ledger_lock_lines(o_account);
  for r in
    select k.n, z.id, z.status, z.expires_at from unnest(holds, o_status) with ordinality as k (hold_id, status, n)
    join ledger_holds as z on z.id = k.hold_id
    where k.status is null order by k.n
  loop
    code := coalesce(ledger_hold_refusal(r.status, r.expires_at <= moment), case when r.id = any (closing) then 'hold_voided' end);
    if code is null then
      closing := closing || r.id; told := array_append(told, headers[r.n]);
      o_status[r.n] := 200;
    else
      refused := true;
      o_status[r.n] := ((problems::jsonb) -> code ->> 'status')::smallint;
      o_body[r.n] := ledger_problem(problems, code, ledger_hold_refusal_detail(code), instances[r.n], request_ids[r.n], ',"authorizationId":"' || r.id::text || '"');
    end if;
  end loop;

  if not (atomic and refused) then
    perform ledger_close_holds(closing, 'voided', moment, told);
    for r in
      select k.n, ledger_authorization_json(z) as json
      from unnest(holds, o_status, o_body) with ordinality as k (hold_id, status, body, n)
      join ledger_holds as z on z.id = k.hold_id
      where k.status = 200 and k.body is null
    loop
      o_body[r.n] := r.json;
    end loop;
    if keys is not null then
      perform ledger_remember(scopes, keys, hashes, o_status, o_body, o_replayed);
    end if;
  end if;
  for i in 1..count loop
    n := i; status := o_status[i]; body := o_body[i]; replayed := o_replayed[i];
    return next;
  end loop;
end
$$;

drop function ledger_settle_group;
-- Captures or voids all holds of a group, each whole, or none of them: one answer, under one key.
create function ledger_settle_group(
  action text, group_id uuid, scope text, key text, hash bytea, request_id text, instance text, problems text,
  headers jsonb default null
) returns table (n integer, status smallint, body text, replayed boolean)
language plpgsql as $$
#variable_conflict use_variable
declare
  holds uuid[];
  scopes text[];
  parts text[];
  r record;
begin
  select a.n, a.status, a.body, a.replayed into n, status, body, replayed
  from ledger_answered(array[scope], array[key], array[hash], array[request_id], array[instance], problems) as a;
  if found then return next; return; end if;
  n := 1; status := 200; replayed := false;

  holds := array(select z.id from ledger_holds as z where z.group_id = group_id and z.scope = scope order by z.id);
  scopes := array_fill(scope, array[cardinality(holds)]);
  if cardinality(holds) = 0 then
    select f.status, f.body into status, body
    from ledger_no_hold(
      (select d.id from ledger_declines as d where d.group_id = group_id and d.scope = scope order by d.id limit 1),
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

-- Why a caller has no hold of this id: it was declined, or there is none that they may settle.
create or replace function ledger_no_hold(
  id uuid, scope text, instance text, request_id text, problems text, out status smallint, out body text
)
language plpgsql stable as $$
#variable_conflict use_variable
declare
  reason text := (
    select d.reason from ledger_declines as d where d.id = id and (d.scope = scope or scope = 'platform')
  );
  -- A replica of before declines had a code of their own does not know it, and says what it said then.
  code constant text := case
    when reason is not null and (problems::jsonb) ? 'authorization_declined' then 'authorization_declined'
    else 'authorization_not_found'
  end;
begin
  status := ((problems::jsonb) -> code ->> 'status')::smallint;
  body := ledger_problem(
    problems, code,
    case code when 'authorization_declined' then 'The purchase was declined: nothing is reserved' else 'There is no such authorization' end,
    instance, request_id, coalesce(',"authorizationId":"' || id::text || '","reason":"' || reason || '"', '')
  );
end
$$;
