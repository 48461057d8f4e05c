-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- Gives back what is open of holds. Locks as ledger_capture.
create or replace function ledger_void(
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
