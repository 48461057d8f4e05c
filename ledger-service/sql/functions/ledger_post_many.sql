-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- Posts transfers, in their order, each with an outcome of its own. A refusal is an outcome, never an exception.
--
-- accounts: those of the batch, each once, ascending. sources and destinations are positions in it, from 1. The other
-- arrays have one element a transfer; where no transfer has one, null stands for the whole array.
-- amounts: decimal, in the currency's major unit. owners: the user who may only take from accounts of their own;
-- null for operators and services. keys: of scopes[i]; without one nothing is remembered.
-- waits: a transfer that lacks funds stays pending. not_before: one that has to wait for its time.
-- retrying: the transfers are there, pending, and are attempted once more.
-- atomic: all or nothing. dry: decide, and write nothing. headers: what the events carry along, by transfer.
--
-- Locks, in this order: claims (never waited for), accounts by id, sub-balances by account. Whoever changes a transfer
-- or a hold holds its constrained accounts.
create or replace function ledger_post_many(
  accounts uuid[], ids uuid[], sources integer[], destinations integer[], amounts numeric[], types text[], scopes text[],
  keys text[] default null, hashes bytea[] default null, request_ids text[] default null, instances text[] default null,
  owners uuid[] default null, currencies text[] default null, refs text[] default null, descriptions text[] default null,
  effective timestamptz[] default null, reverts uuid[] default null, waits boolean[] default null,
  not_before timestamptz[] default null, retrying boolean default false, atomic boolean default false,
  dry boolean default false, problems text default '{}', headers jsonb[] default null
) returns table (n integer, status smallint, body text, replayed boolean)
language plpgsql
-- Plans for arrays are made once: a plan for each call, which is the default, cost more than the work. The functions that
-- are called from here make theirs under the same settings.
set plan_cache_mode = force_generic_plan
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
as $$
#variable_conflict use_variable
declare
  r record; i integer; s integer; d integer;
  moment timestamptz; recorded text;
  refused boolean;
  -- By transfer.
  o_status smallint[] := array_fill(null::smallint, array[cardinality(ids)]);
  o_body text[] := array_fill(null::text, array[cardinality(ids)]);
  o_replayed boolean[] := array_fill(false, array[cardinality(ids)]);
  o_remembered boolean[] := o_replayed;
  -- By account, in the order of `accounts`.
  a_kind text[]; a_status text[]; a_currency text[]; a_exponent smallint[]; a_owner uuid[];
  a_sub smallint[] := array_fill(0::smallint, array[cardinality(accounts)]);
  a_limit bigint[]; a_debits bigint[]; a_credits bigint[]; a_held bigint[]; a_version bigint[];
  a_touched boolean[] := array_fill(false, array[cardinality(accounts)]);
  -- Of the one that is being decided.
  scaled numeric; minor bigint; available bigint; early boolean; fault text; state text; told ledger_refusal;
  t ledger_transfers;
  kept ledger_transfers[] := '{}'; reverted uuid[] := '{}';
begin
  if keys is not null or refs is not null then
    for r in
      select f.* from ledger_known_transfers(
        accounts, sources, destinations, amounts, types, scopes, keys, hashes, case when not retrying then refs end, dry,
        request_ids, instances, problems
      ) as f
    loop
      o_status[r.n] := r.status; o_body[r.n] := r.body; o_replayed[r.n] := r.replayed; o_remembered[r.n] := r.remembered;
    end loop;
  end if;
  -- An answer from before may be a refusal too.
  refused := coalesce(400 <= any (o_status), false);

  if array_position(o_status, null) is not null then
    for r in select l.* from ledger_lock_accounts(accounts, dry) as l loop
      a_kind[r.n] := r.kind; a_status[r.n] := r.status; a_currency[r.n] := r.currency; a_exponent[r.n] := r.exponent;
      a_owner[r.n] := r.owner_id; a_sub[r.n] := r.sub; a_limit[r.n] := r.credit_limit; a_debits[r.n] := r.debits;
      a_credits[r.n] := r.credits; a_held[r.n] := r.held; a_version[r.n] := r.version;
      moment := greatest(moment, r.updated_at);
    end loop;
    -- Under the locks: what another transaction recorded on these accounts lies before.
    moment := greatest(moment, clock_timestamp());
    recorded := ledger_time(moment);
  end if;

  for i in 1..cardinality(ids) loop
    continue when o_status[i] is not null;
    s := sources[i]; d := destinations[i]; early := not_before[i] > moment;
    scaled := amounts[i] * 10::numeric ^ a_exponent[s]::numeric;
    fault := ledger_transfer_fault(
      accounts[s], accounts[d], owners[i], currencies[i], scaled, a_kind[s], a_owner[s], a_currency[s], a_kind[d],
      a_owner[d], a_currency[d]
    );
    if fault is null and reverts[i] is not null then
      fault := case when reverts[i] = any (reverted) then 'transfer_already_reverted' else ledger_revert_fault(reverts[i]) end;
    end if;
    if fault is null then
      minor := scaled;
      available := a_limit[s] + a_credits[s] - a_debits[s] - a_held[s];
      fault := ledger_funds_fault(a_status[s], a_status[d], early, available, minor, a_debits[s], a_credits[d]);
    end if;
    state := ledger_transfer_state(fault, early, waits[i], retrying, a_status[s], a_status[d]);
    if fault is not null then
      told := ledger_transfer_refusal(
        fault, owners[i] is not null, reverts[i], a_exponent[s], a_status[s], a_currency[s], a_currency[d], available
      );
    end if;

    if state = 'complete' then
      a_debits[s] := a_debits[s] + minor; a_credits[d] := a_credits[d] + minor;
      a_version[s] := a_version[s] + 1; a_version[d] := a_version[d] + 1;
      a_touched[s] := true; a_touched[d] := true;
      if reverts[i] is not null then reverted := reverted || reverts[i]; end if;
    end if;
    if state is not null then
      t := ledger_new_transfer(
        id => ids[i], type => types[i], status => state, source => accounts[s], destination => accounts[d],
        amount => minor, exponent => a_exponent[s], currency => a_currency[s], scope => scopes[i],
        reference_id => refs[i], description => descriptions[i], effective_at => effective[i], recorded_at => moment,
        source_version => a_version[s], source_sub => a_sub[s], source_balance => a_credits[s] - a_debits[s],
        destination_version => a_version[d], destination_sub => a_sub[d],
        destination_balance => a_credits[d] - a_debits[d], reverts_id => reverts[i], failure => case when fault is not null then told.code end,
        next_attempt_at => case
          when state = 'pending' then case when fault is null then not_before[i] else moment + interval '1 minute' end
        end,
        headers => headers[i]
      );
      kept := kept || t;
    end if;
    if state in ('complete', 'pending') then
      o_status[i] := case when dry then 200 when state = 'pending' then 202 else 201 end;
      o_body[i] := ledger_transfer_json(t, recorded);
    else
      refused := true;
      if state = 'failed' and not dry and not atomic then told.extra := told.extra || ',"transferId":"' || ids[i] || '"'; end if;
      r := ledger_refuse(problems, told, instances[i], request_ids[i]);
      o_status[i] := r.status; o_body[i] := r.body;
    end if;
  end loop;

  if not dry and not (atomic and refused) then
    if keys is not null then
      perform ledger_remember(scopes, keys, hashes, o_status, o_body, o_remembered);
    end if;
    if cardinality(kept) > 0 then
      perform ledger_write_balances(accounts, a_sub, a_touched, a_debits, a_credits, a_held, a_version, moment);
      if retrying then
        perform ledger_update_transfers(kept), ledger_announce_transfers(kept, retrying);
      else
        perform ledger_insert_transfers(kept, reverts is not null), ledger_announce_transfers(kept, retrying);
      end if;
    end if;
  end if;

  for i in 1..cardinality(ids) loop
    n := i; status := o_status[i]; body := o_body[i]; replayed := o_replayed[i];
    return next;
  end loop;
end
$$;
