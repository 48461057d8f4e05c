-- ledger_capture whole again and in parts, as 0074 for ledger_post_many.

-- How captures are answered that were answered before, by key or by reference, and those whose key or reference another
-- request is at: of the others nothing. remembered: by its key, which is then known already.
create function ledger_known_captures(
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

-- Between which accounts captures move: from the hold's, which its scope and the platform may take from, to the one that
-- is named, or the hold's own, or the partner's settlement account if it is open and in the hold's currency, or else the
-- house's in that currency. Without what is answered already (statuses), and what is no such hold.
create function ledger_capture_accounts(holds uuid[], scopes text[], destinations uuid[], statuses smallint[])
returns table (n integer, source uuid, destination uuid)
language sql stable as $$
  select k.n, z.account_id, coalesce(destinations[k.n], z.destination_account_id, own.id, house.id)
  from generate_series(1, cardinality(holds)) as k (n)
  join ledger_holds as z on z.id = holds[k.n] and (z.scope = scopes[k.n] or scopes[k.n] = 'platform')
  left join ledger_partners as p on z.scope = 'partner:' || p.id::text
  left join ledger_accounts as own
    on own.id = p.settlement_account_id and own.currency = z.currency and own.status <> 'closed'
  left join ledger_accounts as house on house.external_id = 'settlement:' || z.currency
  where statuses[k.n] is null
$$;

-- What is wrong with a capture, or keeps it from moving money just now; null is nothing. named: whether the caller said
-- where it goes; a user may name a wallet of theirs, a partner nothing. minor: in the hold's minor unit.
create function ledger_capture_fault(
  hold ledger_holds, due boolean, scope text, named boolean, minor numeric, same_account boolean, debits bigint,
  destination_kind text, destination_owner uuid, destination_status text, destination_currency text, credits bigint
) returns text
language sql immutable parallel safe
return coalesce(ledger_hold_refusal((hold).status, due), case
  when destination_kind is null or (named and scope like 'partner:%') or (
    named and scope like 'user:%'
    and (destination_kind <> 'wallet' or scope is distinct from 'user:' || destination_owner::text)
  ) then 'unknown_destination'
  when destination_currency <> (hold).currency then 'other_currency'
  when destination_status = 'closed' and not named then 'destination_changing'
  when destination_status = 'closed' then 'destination_closed'
  when same_account then 'same_account'
  when minor <> trunc(minor) then 'too_many_places'
  when minor <= 0 then 'amount_out_of_range'
  when minor > (hold).open then 'capture_exceeds_hold'
  when debits + minor > 4000000000000000000 or credits + minor > 4000000000000000000 then 'counter_full'
end);

-- A fault of a capture in words.
create function ledger_capture_refusal(fault text, hold ledger_holds) returns ledger_refusal
language plpgsql stable as $$
declare
  code text; detail text; extra text := '';
  broken constant text := 'The body breaks a rule: see errors';
  open constant text := ledger_decimal(hold.open, hold.exponent);
begin
  case fault
    when 'unknown_destination' then
      code := 'account_not_found'; detail := 'There is no such account';
      extra := ledger_field_error('/destinationAccountId', 'is not an account that you may capture to');
    when 'other_currency' then
      code := 'currency_mismatch'; detail := 'The hold is in ' || hold.currency;
      extra := ledger_field_error('/destinationAccountId', 'holds another currency');
    when 'destination_changing' then
      -- It was closed while its lock was waited for: by now captures go elsewhere.
      code := 'request_in_progress'; detail := 'The account that this settles to is just being changed';
    when 'destination_closed' then
      code := 'account_not_open'; detail := 'The destination account is closed';
      extra := ledger_field_error('/destinationAccountId', 'is closed');
    when 'same_account' then
      code := 'validation_failed'; detail := broken;
      extra := ledger_field_error('/destinationAccountId', 'must be another account');
    when 'too_many_places' then
      code := 'validation_failed'; detail := broken;
      extra := ledger_field_error('/amount', hold.currency || ' has ' || hold.exponent || ' decimal places');
    when 'amount_out_of_range' then
      code := 'validation_failed'; detail := broken;
      extra := ledger_field_error('/amount', 'must be greater than 0');
    when 'capture_exceeds_hold' then
      code := fault; detail := open || ' ' || hold.currency || ' is open';
      extra := ',"openAmount":"' || open || '","currency":"' || hold.currency || '"' || ledger_field_error('/amount', 'is more than the hold has open');
    when 'counter_full' then
      code := 'validation_failed'; detail := broken;
      extra := ledger_field_error('/amount', 'is more than the account can still count');
    else
      code := fault; detail := ledger_hold_refusal_detail(fault); extra := ',"authorizationId":"' || hold.id::text || '"';
  end case;
  return (code, detail, extra);
end
$$;

-- Writes what captures left of the holds that they changed at this moment. The account's lock guards them.
create function ledger_write_holds(holds ledger_holds[], moment timestamptz) returns void
language plpgsql as $$
begin
  update ledger_holds as z set captured = u.captured, voided = u.voided, status = u.status, updated_at = moment
  from unnest(holds) as u
  where z.id = u.id and u.updated_at = moment;
end
$$;

-- Announces captures as they were written, in their order: the transfer for whoever follows balances, the hold for whoever
-- follows authorizations. By capture: the hold after it, and what was released with it.
create function ledger_announce_captures(transfers ledger_transfers[], holds ledger_holds[], released bigint[])
returns void
language plpgsql as $$
declare
  occurred constant text := ledger_time((transfers[1]).recorded_at);
begin
  insert into outbox (subject, message_id, payload, headers)
  select e.subject, e.subject || ':' || t.id::text, e.payload, coalesce(t.headers, z.headers, '{}')
  from generate_series(1, cardinality(transfers)) as k (n)
  cross join lateral (select (transfers[k.n]).*) as t
  cross join lateral (select (holds[k.n]).*) as z
  cross join lateral (values
    ('transaction.completed', jsonb_strip_nulls(jsonb_build_object(
      'transferId', t.id, 'type', 'capture', 'status', 'complete', 'holdId', z.id,
      'sourceAccountId', t.source_account_id, 'destinationAccountId', t.destination_account_id,
      'amount', ledger_decimal(t.amount, t.exponent), 'currency', t.currency,
      'sourceVersion', t.source_version, 'sourceSub', t.source_sub, 'destinationVersion', t.destination_version,
      'destinationSub', t.destination_sub, 'referenceId', t.reference_id, 'occurredAt', occurred
    ))),
    ('authorization.captured', jsonb_build_object(
      'authorizationId', z.id, 'userId', z.owner_id, 'accountId', z.account_id, 'accountVersion', t.source_version,
      'transferId', t.id, 'capturedAmount', ledger_decimal(t.amount, z.exponent),
      'releasedAmount', ledger_decimal(released[k.n], z.exponent), 'currency', z.currency,
      'status', case z.status when 'open' then 'approved' else z.status end, 'referenceId', z.reference_id,
      'groupId', z.group_id, 'occurredAt', occurred
    ))
  ) as e (subject, payload);
end
$$;

-- Captures holds, in the order given: what was reserved is posted to a destination.
--
-- ids: of the transfers. amounts: null is all that is open. finals: whether what stays open is released.
-- destinations: null is where the hold settles: see ledger_capture_accounts. scopes: whose key and whose hold; 'platform'
-- may capture anybody's. atomic: all or nothing. headers: what the events carry along, by capture; null is what the hold
-- came with.
--
-- Locks: claims, accounts by id, sub-balances by account. A hold's account is immutable and guards it: it is looked up
-- without a lock, and the hold is read again under the account's.
create or replace function ledger_capture(
  ids uuid[], holds uuid[], scopes text[], amounts numeric[] default null, finals boolean[] default null,
  destinations uuid[] default null, keys text[] default null, hashes bytea[] default null,
  request_ids text[] default null, instances text[] default null, refs text[] default null,
  atomic boolean default false, problems text default '{}', headers jsonb[] default null
) returns table (n integer, status smallint, body text, replayed boolean)
language plpgsql
-- As ledger_post_many, whose functions are called from here too.
set plan_cache_mode = force_generic_plan
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
as $$
#variable_conflict use_variable
declare
  r record; i integer; s integer; d integer; h integer;
  moment timestamptz;
  refused boolean := false;
  -- By capture.
  o_status smallint[] := array_fill(null::smallint, array[cardinality(ids)]);
  o_body text[] := array_fill(null::text, array[cardinality(ids)]);
  o_replayed boolean[] := array_fill(false, array[cardinality(ids)]);
  o_remembered boolean[] := o_replayed;
  o_source uuid[] := array_fill(null::uuid, array[cardinality(ids)]);
  o_destination uuid[] := o_source;
  -- By account, in the order of `accounts`.
  accounts uuid[]; a_kind text[]; a_owner uuid[]; a_status text[]; a_currency text[]; a_sub smallint[];
  a_debits bigint[]; a_credits bigint[]; a_held bigint[]; a_version bigint[]; a_touched boolean[];
  -- By hold, in the order of `held`.
  held uuid[]; h_row ledger_holds[]; x ledger_holds;
  fault text; scaled numeric; minor bigint; rest bigint;
  -- Of what is captured, each: the transfer, the hold after it, and what was released with it.
  posted ledger_transfers[] := '{}'; settled ledger_holds[] := '{}'; released bigint[] := '{}';
begin
  if keys is not null or refs is not null then
    for r in
      select f.* from ledger_known_captures(
        holds, scopes, amounts, finals, destinations, keys, hashes, refs, request_ids, instances, problems
      ) as f
    loop
      o_status[r.n] := r.status; o_body[r.n] := r.body; o_replayed[r.n] := r.replayed; o_remembered[r.n] := r.remembered;
    end loop;
  end if;
  for r in select c.* from ledger_capture_accounts(holds, scopes, destinations, o_status) as c loop
    o_source[r.n] := r.source; o_destination[r.n] := r.destination;
  end loop;
  for i in 1..cardinality(ids) loop
    continue when o_status[i] is not null or o_source[i] is not null;
    refused := true;
    r := ledger_no_hold(holds[i], scopes[i], instances[i], request_ids[i], problems);
    o_status[i] := r.status; o_body[i] := r.body;
  end loop;

  accounts := array(select distinct u.id from unnest(o_source || o_destination) as u (id) where u.id is not null order by u.id);
  if cardinality(accounts) > 0 then
    a_sub := array_fill(0::smallint, array[cardinality(accounts)]);
    a_touched := array_fill(false, array[cardinality(accounts)]);
    for r in select l.* from ledger_lock_accounts(accounts) as l loop
      a_kind[r.n] := r.kind; a_status[r.n] := r.status; a_currency[r.n] := r.currency; a_owner[r.n] := r.owner_id;
      a_sub[r.n] := r.sub; a_debits[r.n] := r.debits; a_credits[r.n] := r.credits; a_held[r.n] := r.held;
      a_version[r.n] := r.version;
      moment := greatest(moment, r.updated_at);
    end loop;
    moment := greatest(moment, clock_timestamp());
    select array_agg(z.id), array_agg(z) into held, h_row from ledger_holds as z where z.id = any (holds);
  end if;

  for i in 1..cardinality(ids) loop
    continue when o_status[i] is not null;
    s := array_position(accounts, o_source[i]); d := array_position(accounts, o_destination[i]);
    h := array_position(held, holds[i]);
    x := h_row[h];
    scaled := coalesce(amounts[i] * 10::numeric ^ x.exponent::numeric, x.open);
    fault := ledger_capture_fault(
      x, x.expires_at <= moment, scopes[i], destinations[i] is not null, scaled, s = d, a_debits[s], a_kind[d],
      a_owner[d], a_status[d], a_currency[d], a_credits[d]
    );
    if fault is not null then
      refused := true;
      r := ledger_refuse(problems, ledger_capture_refusal(fault, x), instances[i], request_ids[i]);
      o_status[i] := r.status; o_body[i] := r.body;
      continue;
    end if;

    minor := scaled;
    rest := case when finals[i] then x.open - minor else 0 end;
    x.captured := x.captured + minor; x.voided := x.voided + rest; x.open := x.open - minor - rest;
    if x.open = 0 then x.status := 'captured'; end if;
    x.updated_at := moment;
    h_row[h] := x;
    a_debits[s] := a_debits[s] + minor; a_held[s] := a_held[s] - minor - rest; a_credits[d] := a_credits[d] + minor;
    a_version[s] := a_version[s] + 1; a_version[d] := a_version[d] + 1;
    a_touched[s] := true; a_touched[d] := true;
    posted := posted || ledger_new_transfer(
      id => ids[i], type => 'capture', status => 'complete', source => accounts[s], destination => accounts[d],
      amount => minor, exponent => x.exponent, currency => x.currency, scope => scopes[i], reference_id => refs[i],
      recorded_at => moment, source_version => a_version[s], source_sub => a_sub[s],
      source_balance => a_credits[s] - a_debits[s], destination_version => a_version[d], destination_sub => a_sub[d],
      destination_balance => a_credits[d] - a_debits[d], hold_id => x.id, headers => headers[i]
    );
    settled := settled || x; released := released || rest;
    o_status[i] := 201;
    o_body[i] := ledger_capture_json(ids[i], minor, x);
  end loop;

  if not (atomic and refused) then
    if keys is not null then
      perform ledger_remember(scopes, keys, hashes, o_status, o_body, o_remembered);
    end if;
    if cardinality(posted) > 0 then
      perform ledger_write_balances(accounts, a_sub, a_touched, a_debits, a_credits, a_held, a_version, moment),
        ledger_write_holds(h_row, moment), ledger_insert_transfers(posted),
        ledger_announce_captures(posted, settled, released);
    end if;
  end if;

  for i in 1..cardinality(ids) loop
    n := i; status := o_status[i]; body := o_body[i]; replayed := o_replayed[i];
    return next;
  end loop;
end
$$;
