-- What a caller hears of settled purchases: that one was declined, instead of that there is none; the same 404 of a group
-- under the same key; and of each capture, in its event, the state after itself and nothing in minor units.

-- For groups of which everything was declined.
create index ledger_declines_group on ledger_declines (group_id) where group_id is not null;

-- Why a caller has no hold of this id: it was declined, or there is none that they may settle.
create function ledger_no_hold(
  id uuid, scope text, instance text, request_id text, problems text, out status smallint, out body text
)
language plpgsql stable as $$
#variable_conflict use_variable
declare
  reason text := (
    select d.reason from ledger_declines as d where d.id = id and (d.scope = scope or scope = 'platform')
  );
  code constant text := case when reason is null then 'authorization_not_found' else 'authorization_declined' end;
begin
  status := ((problems::jsonb) -> code ->> 'status')::smallint;
  body := ledger_problem(
    problems, code,
    case when reason is null then 'There is no such authorization' else 'The purchase was declined: nothing is reserved' end,
    instance, request_id, coalesce(',"authorizationId":"' || id::text || '","reason":"' || reason || '"', '')
  );
end
$$;

-- Captures holds, in the order given: what was reserved is posted to a destination.
--
-- ids: of the transfers. amounts: null is all that is open. finals: whether what stays open is released.
-- destinations: null is the partner's settlement account if it is open and in the hold's currency, or else the house's in
-- that currency; a user may name a wallet of theirs. scopes: whose key and whose hold; 'platform' may capture anybody's.
-- atomic: all or nothing.
--
-- Locks: claims, accounts by id, sub-balances by account. A hold's account is immutable and guards it: it is looked up
-- without a lock, and the hold is read again under the account's.
create or replace function ledger_capture(
  ids uuid[],
  holds uuid[],
  scopes text[],
  amounts numeric[] default null,
  finals boolean[] default null,
  destinations uuid[] default null,
  keys text[] default null,
  hashes bytea[] default null,
  request_ids text[] default null,
  instances text[] default null,
  refs text[] default null,
  atomic boolean default false,
  problems text default '{}'
) returns table (n integer, status smallint, body text, replayed boolean)
language plpgsql
-- Plans for arrays are made once instead of for each call.
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_variable
declare
  count constant integer := cardinality(ids);
  r record;
  i integer; s integer; d integer; h integer;
  moment timestamptz := clock_timestamp();
  refused boolean := false;
  captured integer := 0;
  o_status smallint[] := array_fill(null::smallint, array[count]);
  o_body text[] := array_fill(null::text, array[count]);
  o_replayed boolean[] := array_fill(false, array[count]);
  -- By its key, and not by its reference.
  o_remembered boolean[];
  o_source uuid[] := array_fill(null::uuid, array[count]);
  o_destination uuid[] := array_fill(null::uuid, array[count]);
  -- Of full length: one that is assigned from its second element on would begin there.
  o_s integer[] := array_fill(null::integer, array[count]); o_d integer[] := array_fill(null::integer, array[count]);
  o_minor bigint[] := array_fill(null::bigint, array[count]);
  o_released bigint[] := array_fill(null::bigint, array[count]);
  o_source_version bigint[] := array_fill(null::bigint, array[count]);
  o_destination_version bigint[] := array_fill(null::bigint, array[count]);
  o_source_balance bigint[] := array_fill(null::bigint, array[count]);
  o_destination_balance bigint[] := array_fill(null::bigint, array[count]);
  -- Of the hold after each: a later part of the batch may take more of it.
  o_hold_status text[] := array_fill(null::text, array[count]);
  -- By account, in the order of `accounts`.
  accounts uuid[];
  a_kind text[]; a_owner uuid[]; a_status text[]; a_currency text[]; a_sub smallint[];
  a_debits bigint[]; a_credits bigint[]; a_held bigint[]; a_version bigint[]; a_touched boolean[];
  -- By hold, in the order of `held`.
  held uuid[]; h_row ledger_holds[]; x ledger_holds;
  code text; detail text; extra text; scaled numeric; minor bigint; released bigint;
begin
  if keys is not null then
    for r in select a.n, a.status, a.body, a.replayed from ledger_answered(scopes, keys, hashes, request_ids, instances, problems) as a loop
      o_status[r.n] := r.status; o_body[r.n] := r.body; o_replayed[r.n] := r.replayed;
    end loop;
  end if;
  o_remembered := o_replayed;
  if refs is not null then
    for i in 1..count loop
      if refs[i] is not null and o_status[i] is null and not ledger_claim(scopes[i], 'reference capture ' || refs[i]) then
        o_status[i] := 409;
        o_body[i] := ledger_problem(problems, 'request_in_progress', 'A capture with this reference is still running', instances[i], request_ids[i]);
      end if;
    end loop;
    for r in
      select k.n, t.hold_id, t.id, t.amount, t.exponent, z as hold
      from unnest(scopes, refs) with ordinality as k (scope, reference_id, n)
      join ledger_transfers as t
        on t.scope = k.scope and t.type = 'capture' and t.reference_id = k.reference_id and t.status <> 'failed'
      join ledger_holds as z on z.id = t.hold_id
    loop
      continue when o_status[r.n] is not null;
      if r.hold_id = holds[r.n] and (amounts[r.n] is null or r.amount = amounts[r.n] * 10::numeric ^ r.exponent::numeric) then
        o_status[r.n] := 200; o_replayed[r.n] := true;
        o_body[r.n] := ledger_capture_json(r.id, r.amount, r.hold);
      else
        o_status[r.n] := 409;
        o_body[r.n] := ledger_problem(problems, 'reference_reused', 'This reference belongs to another capture', instances[r.n], request_ids[r.n], ledger_field_error('/referenceId', 'was used for another capture'));
      end if;
    end loop;
  end if;

  for r in
    select k.n, z.account_id,
      coalesce(k.destination_id, z.destination_account_id, own.id, house.id) as destination_id
    from unnest(holds, scopes, destinations) with ordinality as k (hold_id, scope, destination_id, n)
    join ledger_holds as z on z.id = k.hold_id and (z.scope = k.scope or k.scope = 'platform')
    left join ledger_partners as p on z.scope = 'partner:' || p.id::text
    left join ledger_accounts as own
      on own.id = p.settlement_account_id and own.currency = z.currency and own.status <> 'closed'
    left join ledger_accounts as house on house.external_id = 'settlement:' || z.currency
  loop
    o_source[r.n] := r.account_id; o_destination[r.n] := r.destination_id;
  end loop;
  for i in 1..count loop
    if o_status[i] is null and o_source[i] is null then
      refused := true;
      select f.status, f.body into r from ledger_no_hold(holds[i], scopes[i], instances[i], request_ids[i], problems) as f;
      o_status[i] := r.status; o_body[i] := r.body;
    end if;
    if o_status[i] is not null then o_source[i] := null; o_destination[i] := null; end if;
  end loop;

  accounts := array(select distinct u.id from unnest(o_source || o_destination) as u (id) where u.id is not null order by u.id);
  if cardinality(accounts) > 0 then
    a_kind := array_fill(null::text, array[cardinality(accounts)]);
    a_owner := array_fill(null::uuid, array[cardinality(accounts)]);
    a_status := a_kind; a_currency := a_kind;
    a_sub := array_fill(0::smallint, array[cardinality(accounts)]);
    a_version := array_fill(null::bigint, array[cardinality(accounts)]);
    a_debits := a_version; a_credits := a_version; a_held := a_version;
    a_touched := array_fill(false, array[cardinality(accounts)]);
    for r in
      select k.n, a.kind, a.status, a.currency, a.owner_id, a.debits_posted, a.credits_posted, a.debits_pending,
        a.version, a.updated_at
      from unnest(accounts) with ordinality as k (id, n)
      join ledger_accounts as a on a.id = k.id
      where a.sub_balances = 0
      order by a.id
      for no key update of a
    loop
      a_kind[r.n] := r.kind; a_status[r.n] := r.status; a_currency[r.n] := r.currency; a_owner[r.n] := r.owner_id;
      a_debits[r.n] := r.debits_posted; a_credits[r.n] := r.credits_posted; a_held[r.n] := r.debits_pending;
      a_version[r.n] := r.version;
      moment := greatest(moment, r.updated_at);
    end loop;
    for r in
      select k.n, a.kind, a.status, a.currency, a.owner_id, b.sub, b.debits_posted, b.credits_posted, b.version,
        b.updated_at
      from unnest(accounts) with ordinality as k (id, n)
      join ledger_accounts as a on a.id = k.id
      join ledger_sub_balances as b on b.account_id = a.id and b.sub = 1 + pg_backend_pid() % a.sub_balances
      where a.sub_balances > 0
      order by a.id
      for no key update of b
    loop
      a_kind[r.n] := r.kind; a_status[r.n] := r.status; a_currency[r.n] := r.currency; a_owner[r.n] := r.owner_id;
      a_sub[r.n] := r.sub; a_debits[r.n] := r.debits_posted; a_credits[r.n] := r.credits_posted; a_held[r.n] := 0;
      a_version[r.n] := r.version;
      moment := greatest(moment, r.updated_at);
    end loop;
    moment := greatest(moment, clock_timestamp());

    for r in
      select z as hold from ledger_holds as z
      where z.id = any (array(select k.id from unnest(holds, o_source) as k (id, source) where k.source is not null))
    loop
      held := held || (r.hold).id; h_row := h_row || r.hold;
    end loop;

    for i in 1..count loop
      continue when o_status[i] is not null;
      s := array_position(accounts, o_source[i]); d := array_position(accounts, o_destination[i]);
      h := array_position(held, holds[i]);
      x := h_row[h];
      detail := null; extra := '';
      code := ledger_hold_refusal(x.status, x.expires_at <= moment);
      if code is not null then
        detail := ledger_hold_refusal_detail(code); extra := ',"authorizationId":"' || x.id::text || '"';
      elsif a_version[d] is null or (scopes[i] like 'user:%' and destinations[i] is not null
        and (a_kind[d] <> 'wallet' or scopes[i] is distinct from 'user:' || a_owner[d]::text)) or (scopes[i] like 'partner:%' and destinations[i] is not null)
      then
        code := 'account_not_found'; detail := 'There is no such account'; extra := ledger_field_error('/destinationAccountId', 'is not an account that you may capture to');
      elsif a_currency[d] <> x.currency then
        code := 'currency_mismatch'; detail := 'The hold is in ' || x.currency; extra := ledger_field_error('/destinationAccountId', 'holds another currency');
      elsif a_status[d] = 'closed' and destinations[i] is null then
        -- It was closed while its lock was waited for: by now captures go elsewhere.
        code := 'request_in_progress'; detail := 'The account that this settles to is just being changed';
      elsif a_status[d] = 'closed' then
        code := 'account_not_open'; detail := 'The destination account is closed'; extra := ledger_field_error('/destinationAccountId', 'is closed');
      elsif s = d then
        code := 'validation_failed'; detail := 'The body breaks a rule: see errors'; extra := ledger_field_error('/destinationAccountId', 'must be another account');
      else
        scaled := coalesce(amounts[i] * 10::numeric ^ x.exponent::numeric, x.open);
        if scaled <> trunc(scaled) then
          code := 'validation_failed'; detail := 'The body breaks a rule: see errors'; extra := ledger_field_error('/amount', x.currency || ' has ' || x.exponent || ' decimal places');
        elsif scaled <= 0 then
          code := 'validation_failed'; detail := 'The body breaks a rule: see errors'; extra := ledger_field_error('/amount', 'must be greater than 0');
        elsif scaled > x.open then
          code := 'capture_exceeds_hold'; detail := ledger_decimal(x.open, x.exponent) || ' ' || x.currency || ' is open';
          extra := ',"openAmount":"' || ledger_decimal(x.open, x.exponent) || '","currency":"' || x.currency || '"' || ledger_field_error('/amount', 'is more than the hold has open');
        elsif a_debits[s] + scaled > 4000000000000000000 or a_credits[d] + scaled > 4000000000000000000 then
          code := 'validation_failed'; detail := 'The body breaks a rule: see errors'; extra := ledger_field_error('/amount', 'is more than the account can still count');
        end if;
      end if;
      if code is not null then
        refused := true;
        o_status[i] := ((problems::jsonb) -> code ->> 'status')::smallint;
        o_body[i] := ledger_problem(problems, code, detail, instances[i], request_ids[i], extra);
        continue;
      end if;

      minor := scaled;
      released := case when finals[i] then x.open - minor else 0 end;
      x.captured := x.captured + minor; x.voided := x.voided + released; x.open := x.open - minor - released;
      if x.open = 0 then x.status := 'captured'; end if;
      o_hold_status[i] := case x.status when 'open' then 'approved' else x.status end;
      x.updated_at := moment;
      h_row[h] := x;
      a_debits[s] := a_debits[s] + minor; a_held[s] := a_held[s] - minor - released; a_credits[d] := a_credits[d] + minor;
      a_version[s] := a_version[s] + 1; a_version[d] := a_version[d] + 1;
      a_touched[s] := true; a_touched[d] := true;
      o_s[i] := s; o_d[i] := d; o_minor[i] := minor; o_released[i] := released;
      o_source_version[i] := a_version[s]; o_destination_version[i] := a_version[d];
      o_source_balance[i] := a_credits[s] - a_debits[s]; o_destination_balance[i] := a_credits[d] - a_debits[d];
      captured := captured + 1;
      o_status[i] := 201;
      o_body[i] := ledger_capture_json(ids[i], minor, x);
    end loop;
  end if;

  if keys is not null and not (atomic and refused) then
    perform ledger_remember(scopes, keys, hashes, o_status, o_body, o_remembered);
  end if;
  if captured > 0 and not (atomic and refused) then
    update ledger_accounts as a
    set debits_posted = u.debits, credits_posted = u.credits, debits_pending = u.held, version = u.version,
      updated_at = moment, overlimit = least(a.overlimit, greatest(u.debits + u.held - u.credits - a.credit_limit, 0))
    from unnest(accounts, a_debits, a_credits, a_held, a_version, a_sub, a_touched)
      as u (id, debits, credits, held, version, sub, touched)
    where a.id = u.id and u.touched and u.sub = 0;
    update ledger_sub_balances as b
    set debits_posted = u.debits, credits_posted = u.credits, version = u.version, updated_at = moment
    from unnest(accounts, a_debits, a_credits, a_version, a_sub, a_touched) as u (id, debits, credits, version, sub, touched)
    where b.account_id = u.id and b.sub = u.sub and u.touched;
    update ledger_holds as z set captured = u.captured, voided = u.voided, status = u.status, updated_at = moment
    from unnest(h_row) as u
    where z.id = u.id and u.updated_at = moment;
    insert into ledger_transfers (
      id, type, status, source_account_id, destination_account_id, amount, source_version, destination_version,
      source_sub, destination_sub, source_balance, destination_balance, entry_id, xid, exponent, currency, scope,
      reference_id, recorded_at, hold_id
    )
    select u.id, 'capture', 'complete', accounts[u.s], accounts[u.d], u.minor, u.source_version, u.destination_version,
      a_sub[u.s], a_sub[u.d], u.source_balance, u.destination_balance, nextval('ledger_entry_ids'), pg_current_xact_id(),
      z.exponent, z.currency, u.scope, u.reference_id, moment, u.hold_id
    from unnest(
      ids, holds, o_s, o_d, o_minor, o_source_version, o_destination_version, o_source_balance, o_destination_balance,
      scopes, refs
    ) as u (
      id, hold_id, s, d, minor, source_version, destination_version, source_balance, destination_balance, scope,
      reference_id
    )
    join unnest(h_row) as z on z.id = u.hold_id
    where u.minor is not null;
    -- The transfer for whoever follows balances, the hold for whoever follows authorizations.
    insert into outbox (subject, message_id, payload)
    select e.subject, e.subject || ':' || u.id::text, e.payload
    from unnest(
      ids, holds, o_s, o_d, o_minor, o_released, o_source_version, o_destination_version, o_hold_status, refs
    ) as u (
      id, hold_id, s, d, minor, released, source_version, destination_version, hold_status, reference_id
    )
    join unnest(h_row) as z on z.id = u.hold_id
    cross join lateral (values
      ('transaction.completed', jsonb_strip_nulls(jsonb_build_object(
        'transferId', u.id, 'type', 'capture', 'status', 'complete', 'holdId', z.id,
        'sourceAccountId', accounts[u.s], 'destinationAccountId', accounts[u.d],
        'amount', ledger_decimal(u.minor, z.exponent), 'currency', z.currency,
        'sourceVersion', u.source_version, 'sourceSub', a_sub[u.s], 'destinationVersion', u.destination_version,
        'destinationSub', a_sub[u.d], 'referenceId', u.reference_id, 'occurredAt', ledger_time(moment)
      ))),
      ('authorization.captured', jsonb_build_object(
        'authorizationId', z.id, 'userId', z.owner_id, 'accountId', z.account_id, 'accountVersion', u.source_version,
        'transferId', u.id, 'capturedAmount', ledger_decimal(u.minor, z.exponent),
        'releasedAmount', ledger_decimal(u.released, z.exponent), 'currency', z.currency, 'status', u.hold_status,
        'referenceId', z.reference_id, 'groupId', z.group_id, 'occurredAt', ledger_time(moment)
      ))
    ) as e (subject, payload)
    where u.minor is not null;
  end if;

  for i in 1..count loop
    n := i; status := o_status[i]; body := o_body[i]; replayed := o_replayed[i];
    return next;
  end loop;
end
$$;

-- Gives back what is open of holds. Locks as ledger_capture.
create or replace function ledger_void(
  holds uuid[],
  scopes text[],
  keys text[] default null,
  hashes bytea[] default null,
  request_ids text[] default null,
  instances text[] default null,
  atomic boolean default false,
  problems text default '{}'
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
      closing := closing || r.id;
      o_status[r.n] := 200;
    else
      refused := true;
      o_status[r.n] := ((problems::jsonb) -> code ->> 'status')::smallint;
      o_body[r.n] := ledger_problem(problems, code, ledger_hold_refusal_detail(code), instances[r.n], request_ids[r.n], ',"authorizationId":"' || r.id::text || '"');
    end if;
  end loop;

  if not (atomic and refused) then
    perform ledger_close_holds(closing, 'voided', moment);
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

-- Captures or voids all holds of a group, each whole, or none of them: one answer, under one key.
create or replace function ledger_settle_group(
  action text, group_id uuid, scope text, key text, hash bytea, request_id text, instance text, problems text
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
        instances => array_fill(instance, array[cardinality(holds)]), atomic => true, problems => problems
      ) as a
    loop
      if r.status >= 400 and status = 200 then status := r.status; body := r.body; end if;
      parts := parts || r.body;
    end loop;
  else
    for r in
      select a.status, a.body from ledger_void(
        holds => holds, scopes => scopes, request_ids => array_fill(request_id, array[cardinality(holds)]),
        instances => array_fill(instance, array[cardinality(holds)]), atomic => true, problems => problems
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
