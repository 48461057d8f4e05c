-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

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
