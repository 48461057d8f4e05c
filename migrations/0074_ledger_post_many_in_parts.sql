-- ledger_post_many whole again, after others changed single words of it, and in parts that can be read alone. It answers
-- and writes as before. What it shares with captures stands first.

-- What was answered before under the keys of a batch, and whose key another request is at: of the others nothing.
create or replace function ledger_answered(
  scopes text[], keys text[], hashes bytea[], request_ids text[], instances text[], problems text
) returns table (n integer, status smallint, body text, replayed boolean)
language plpgsql as $$
#variable_conflict use_variable
declare
  claimed boolean[] := array_fill(true, array[cardinality(keys)]);
  r record;
begin
  for i in 1..cardinality(keys) loop
    if keys[i] is not null and not ledger_claim(scopes[i], keys[i]) then
      claimed[i] := false;
      n := i; status := 409; replayed := false;
      body := ledger_problem(problems, 'request_in_progress', 'A request with this Idempotency-Key is still running', instances[i], request_ids[i]);
      return next;
    end if;
  end loop;
  for r in
    select k.n, f.request_hash, f.response_status, f.response_body
    from generate_series(1, cardinality(keys)) as k (n)
    join idempotency_keys as f on f.caller_id = scopes[k.n] and f.idempotency_key = keys[k.n]
  loop
    continue when not claimed[r.n];
    n := r.n;
    replayed := coalesce(r.request_hash = hashes[r.n], false);
    if replayed then
      status := r.response_status; body := r.response_body;
    else
      status := 422;
      body := ledger_problem(problems, 'idempotency_key_reused', 'This Idempotency-Key was used for another request', instances[r.n], request_ids[r.n]);
    end if;
    return next;
  end loop;
end
$$;

-- Remembers what a batch is answered under its keys: neither what was remembered before nor what another attempt may
-- change. In PL/pgSQL, which keeps the plan.
create or replace function ledger_remember(
  scopes text[], keys text[], hashes bytea[], statuses smallint[], bodies text[], replayed boolean[]
) returns void
language plpgsql as $$
begin
  insert into idempotency_keys (caller_id, idempotency_key, request_hash, response_status, response_body)
  select scopes[k.n], keys[k.n], hashes[k.n], statuses[k.n], bodies[k.n]
  from generate_series(1, cardinality(keys)) as k (n)
  where keys[k.n] is not null and not replayed[k.n]
    and statuses[k.n] <> all (array[401, 409, 429]) and statuses[k.n] < 500
    and (statuses[k.n] <> 422 or bodies[k.n] not like '{"type":"/problems/idempotency_key_reused"%');
end
$$;

-- Locks the accounts that a batch posts to, those in one row by id and then one part of each of the others, and says what
-- they are and have. n: the place in `accounts`, which has each once, ascending; what is no account is left out. dry: as
-- they were committed last, with nothing locked and nobody waited for.
create function ledger_lock_accounts(accounts uuid[], dry boolean default false)
returns table (
  n integer, kind text, status text, currency text, exponent smallint, owner_id uuid, sub smallint, credit_limit bigint,
  debits bigint, credits bigint, held bigint, version bigint, updated_at timestamptz
)
language plpgsql as $$
declare
  whole integer;
begin
  if dry then
    return query
      select k.n, a.kind::text, a.status::text, a.currency::text, a.exponent::smallint, a.owner_id,
        coalesce(b.sub, 0::smallint), case when b.sub is null then a.credit_limit::bigint end,
        coalesce(b.debits_posted, a.debits_posted)::bigint, coalesce(b.credits_posted, a.credits_posted)::bigint,
        case when b.sub is null then a.debits_pending::bigint else 0 end, coalesce(b.version, a.version),
        coalesce(b.updated_at, a.updated_at)
      from generate_series(1, cardinality(accounts)) as k (n)
      join ledger_accounts as a on a.id = accounts[k.n]
      left join ledger_sub_balances as b
        on b.account_id = a.id and b.sub = 1 + pg_backend_pid() % nullif(a.sub_balances, 0);
    return;
  end if;
  return query
    select k.n, a.kind::text, a.status::text, a.currency::text, a.exponent::smallint, a.owner_id, 0::smallint,
      a.credit_limit::bigint, a.debits_posted::bigint, a.credits_posted::bigint, a.debits_pending::bigint, a.version,
      a.updated_at
    from generate_series(1, cardinality(accounts)) as k (n)
    join ledger_accounts as a on a.id = accounts[k.n]
    where a.sub_balances = 0
    order by a.id
    for no key update of a;
  get diagnostics whole = row_count;
  if whole < cardinality(accounts) then
    return query
      select k.n, a.kind::text, a.status::text, a.currency::text, a.exponent::smallint, a.owner_id, b.sub,
        null::bigint, b.debits_posted::bigint, b.credits_posted::bigint, 0::bigint, b.version, b.updated_at
      from generate_series(1, cardinality(accounts)) as k (n)
      join ledger_accounts as a on a.id = accounts[k.n]
      join ledger_sub_balances as b on b.account_id = a.id and b.sub = 1 + pg_backend_pid() % a.sub_balances
      where a.sub_balances > 0
      order by a.id
      for no key update of b;
  end if;
end
$$;

-- Writes what a batch left in the accounts that it touched, which are locked: arrays as ledger_lock_accounts gave them.
create function ledger_write_balances(
  accounts uuid[], subs smallint[], touched boolean[], debits bigint[], credits bigint[], held bigint[],
  versions bigint[], moment timestamptz
) returns void
language plpgsql as $$
begin
  if 0 = any (subs) then
    update ledger_accounts as a
    set debits_posted = debits[k.n], credits_posted = credits[k.n], debits_pending = held[k.n],
      version = versions[k.n], updated_at = moment,
      overlimit = least(a.overlimit, greatest(debits[k.n] + held[k.n] - credits[k.n] - a.credit_limit, 0))
    from generate_series(1, cardinality(accounts)) as k (n)
    where a.id = accounts[k.n] and touched[k.n] and subs[k.n] = 0;
  end if;
  if 0 <> any (subs) then
    update ledger_sub_balances as b
    set debits_posted = debits[k.n], credits_posted = credits[k.n], version = versions[k.n], updated_at = moment
    from generate_series(1, cardinality(accounts)) as k (n)
    where b.account_id = accounts[k.n] and b.sub = subs[k.n] and touched[k.n];
  end if;
end
$$;

-- What a caller is told of a refusal: the problem's code, its detail, and its further members as they stand in the answer.
create type ledger_refusal as (code text, detail text, extra text);

-- The answer to what is refused. problems: see ledger_problem.
create function ledger_refuse(
  problems text, refusal ledger_refusal, instance text, request_id text, out status smallint, out body text
)
language plpgsql stable as $$
declare
  -- Of the whole list, which takes long to read.
  problem constant jsonb := problems::jsonb -> refusal.code;
begin
  status := problem ->> 'status';
  body := ledger_problem(
    jsonb_build_object(refusal.code, problem)::text, refusal.code, refusal.detail, instance, request_id, refusal.extra
  );
end
$$;

-- A transfer as it will be written, but for what comes with writing: its entries' number and transaction. The versions,
-- parts and balances that it leaves its accounts with are left out where it moves nothing.
create function ledger_new_transfer(
  id uuid, type text, status text, source uuid, destination uuid, amount bigint, exponent smallint, currency text,
  scope text, reference_id text, recorded_at timestamptz, source_version bigint, source_sub smallint,
  source_balance bigint, destination_version bigint, destination_sub smallint, destination_balance bigint,
  hold_id uuid default null, reverts_id uuid default null,
  description text default null, effective_at timestamptz default null, failure text default null,
  next_attempt_at timestamptz default null, headers jsonb default null
) returns ledger_transfers
language sql
return (
  id, type, status, source, destination, amount,
  case when status = 'complete' then source_version end, case when status = 'complete' then destination_version end,
  case when status = 'complete' then source_sub end, case when status = 'complete' then destination_sub end,
  exponent, currency, scope, reference_id, description, effective_at, recorded_at, hold_id, reverts_id, null,
  case when status = 'failed' then failure end, case when failure is null then 0 else 1 end, failure,
  case when failure is not null then recorded_at end, next_attempt_at,
  case when status = 'complete' then source_balance end, case when status = 'complete' then destination_balance end,
  null, null, null, null, headers
)::ledger_transfers;

-- A transfer as the API shows it. Members that say nothing are left out. One that waited, and has no time of its own,
-- counts from when it was posted, as its entries do. recorded: its recorded_at in words, which take long to find and are
-- the same for all of a batch.
create function ledger_transfer_json(t ledger_transfers, recorded text) returns text
language sql stable parallel safe
return '{"id":"' || t.id::text || '","type":' || to_json(t.type)::text || ',"status":"' || t.status
  || '","sourceAccountId":"' || t.source_account_id::text
  || '","destinationAccountId":"' || t.destination_account_id::text
  || '","amount":"' || ledger_decimal(t.amount, t.exponent) || '","currency":"' || t.currency || '"'
  || coalesce(',"referenceId":' || to_json(t.reference_id)::text, '')
  || coalesce(',"description":' || to_json(t.description)::text, '')
  || ',"effectiveAt":"' || coalesce(ledger_time(coalesce(
    t.effective_at, case when t.attempts > 0 and t.status in ('complete', 'rollback') then t.last_attempt_at end
  )), recorded)
  || '","recordedAt":"' || recorded || '"'
  || coalesce(',"holdId":"' || t.hold_id::text || '"', '')
  || coalesce(',"revertsTransferId":"' || t.reverts_id::text || '"', '')
  || coalesce(',"revertedByTransferId":"' || t.reverted_by_id::text || '"', '')
  || coalesce(',"failureReason":"' || t.failure_code || '"', '')
  || case when t.attempts = 0 and t.next_attempt_at is null then '' else
    ',"attempts":' || t.attempts::text
    || coalesce(',"lastError":"' || t.last_error || '"', '')
    || coalesce(',"lastAttemptAt":"' || ledger_time(t.last_attempt_at) || '"', '')
    || coalesce(',"nextAttemptAt":"' || ledger_time(t.next_attempt_at) || '"', '')
  end || '}';

-- A transfer as the API shows it.
create or replace function ledger_transfer_json(t ledger_transfers) returns text
language sql stable parallel safe
return ledger_transfer_json(t, ledger_time(t.recorded_at));

-- Writes new transfers in their order, those that moved money with both entries, and takes back what they revert.
create function ledger_insert_transfers(transfers ledger_transfers[], reverting boolean default false) returns void
language plpgsql as $$
begin
  insert into ledger_transfers (
    id, type, status, source_account_id, destination_account_id, amount, source_version, destination_version,
    source_sub, destination_sub, source_balance, destination_balance, entry_id, xid, exponent, currency, scope,
    reference_id, description, effective_at, recorded_at, hold_id, reverts_id, failure_code, attempts, last_error,
    last_attempt_at, next_attempt_at, headers
  )
  select
    t.id, t.type, t.status, t.source_account_id, t.destination_account_id, t.amount, t.source_version,
    t.destination_version, t.source_sub, t.destination_sub, t.source_balance, t.destination_balance,
    case when t.status = 'complete' then nextval('ledger_entry_ids') end,
    case when t.status = 'complete' then pg_current_xact_id() end,
    t.exponent, t.currency, t.scope, t.reference_id, t.description, t.effective_at, t.recorded_at, t.hold_id,
    t.reverts_id, t.failure_code, t.attempts, t.last_error, t.last_attempt_at, t.next_attempt_at,
    -- What its later events will carry.
    case when t.status = 'pending' then t.headers end
  from unnest(transfers) as t;
  if reverting then
    update ledger_transfers as t set status = 'rollback', reverted_by_id = u.id
    from unnest(transfers) as u
    where t.id = u.reverts_id and u.status = 'complete';
  end if;
end
$$;

-- How transfers are answered that were answered before, by key or by reference, and those whose key or reference another
-- request is at: of the others nothing. remembered: by its key, which is then known already.
create function ledger_known_transfers(
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

-- What is wrong with a transfer whenever it is tried; null is nothing. owner: the user who may only take from wallets of
-- their own; null for operators and services. wanted: the currency that was asked for. minor: in the source's minor unit.
create function ledger_transfer_fault(
  source uuid, destination uuid, owner uuid, wanted text, minor numeric, source_kind text, source_owner uuid,
  source_currency text, destination_kind text, destination_owner uuid, destination_currency text
) returns text
language sql immutable parallel safe
return case
  when source = destination then 'same_account'
  when source_kind is null or (owner is not null and source_owner is distinct from owner) then 'unknown_source'
  when destination_kind is null then 'unknown_destination'
  when owner is not null and source_kind <> 'wallet' then 'source_is_no_wallet'
  when owner is not null and destination_kind <> 'wallet' and destination_owner is distinct from owner
    then 'unknown_destination'
  when source_currency <> destination_currency then 'two_currencies'
  when wanted <> source_currency then 'other_currency'
  when minor <> trunc(minor) then 'too_many_places'
  when minor <= 0 or minor > 100000000000000000 then 'amount_out_of_range'
end;

-- What keeps a transfer from being reverted; null is nothing. Under the locks of its accounts.
create function ledger_revert_fault(id uuid) returns text
language plpgsql stable as $$
declare
  state text := (select t.status from ledger_transfers as t where t.id = ledger_revert_fault.id);
begin
  return case
    when state is null then 'transfer_not_found'
    when state = 'rollback' then 'transfer_already_reverted'
    when state <> 'complete' then 'transfer_not_complete'
  end;
end
$$;

-- What keeps a transfer from moving money just now; null is nothing. early: it has to wait for its time, and is not held
-- to what there is today. available: null is no limit.
create function ledger_funds_fault(
  source_status text, destination_status text, early boolean, available bigint, minor bigint, debits bigint, credits bigint
) returns text
language sql immutable parallel safe
return case
  when source_status <> 'open' then 'source_not_open'
  when destination_status = 'closed' then 'destination_closed'
  when early then null
  when available < minor then 'insufficient_funds'
  when debits + minor > 4000000000000000000 or credits + minor > 4000000000000000000 then 'counter_full'
end;

-- What becomes of a transfer with such a fault: what waits for funds is pending, and stays so while its source is frozen,
-- which may pass; a refusal of an account that is there is kept as a failed transfer, and so is any of one that waited.
-- Null: nothing is kept.
create function ledger_transfer_state(
  fault text, early boolean, waits boolean, retrying boolean, source_status text, destination_status text
) returns text
language sql immutable parallel safe
return case
  when fault is null then case when early then 'pending' else 'complete' end
  when waits and (
    fault = 'insufficient_funds'
    or (retrying and fault = 'source_not_open' and source_status = 'frozen' and destination_status <> 'closed')
  ) then 'pending'
  when fault in ('insufficient_funds', 'source_not_open', 'destination_closed') then 'failed'
  when retrying and fault = 'counter_full' then 'failed'
end;

-- A fault of a transfer in words. reverts: the transfer that it should revert.
create function ledger_transfer_refusal(
  fault text, by_user boolean, reverts uuid, exponent smallint, source_status text, source_currency text,
  destination_currency text, available bigint
) returns ledger_refusal
language plpgsql stable as $$
declare
  code text; detail text; extra text := '';
  broken constant text := 'The body breaks a rule: see errors';
  most constant text := ledger_decimal(greatest(available, 0), exponent);
begin
  case fault
    when 'same_account' then
      code := 'validation_failed'; detail := broken;
      extra := ledger_field_error('/destinationAccountId', 'must differ from sourceAccountId');
    when 'unknown_source' then
      code := 'account_not_found'; detail := 'There is no such account';
      extra := ledger_field_error('/sourceAccountId', case when by_user then 'is not an account of yours' else 'is not an account' end);
    when 'unknown_destination' then
      code := 'account_not_found'; detail := 'There is no such account';
      extra := ledger_field_error('/destinationAccountId', 'is not an account');
    when 'source_is_no_wallet' then
      code := 'forbidden'; detail := 'Only wallets can be paid from';
      extra := ledger_field_error('/sourceAccountId', 'must be a wallet');
    when 'two_currencies' then
      code := 'currency_mismatch'; detail := 'The accounts hold ' || source_currency || ' and ' || destination_currency;
      extra := ledger_field_error('/destinationAccountId', 'holds another currency');
    when 'other_currency' then
      code := 'currency_mismatch'; detail := 'The accounts hold ' || source_currency;
      extra := ledger_field_error('/currency', 'must be ' || source_currency);
    when 'too_many_places' then
      code := 'validation_failed'; detail := broken;
      extra := ledger_field_error('/amount', source_currency || ' has ' || exponent || ' decimal places');
    when 'amount_out_of_range' then
      code := 'validation_failed'; detail := broken;
      extra := ledger_field_error('/amount', 'must be greater than 0 and at most ' || ledger_decimal(100000000000000000, exponent));
    when 'transfer_not_found' then
      code := fault; detail := 'There is no such transfer';
    when 'transfer_already_reverted' then
      code := fault; detail := 'The transfer was reverted before';
      extra := coalesce(',"revertedByTransferId":"' || (select t.reverted_by_id from ledger_transfers as t where t.id = reverts)::text || '"', '');
    when 'transfer_not_complete' then
      code := fault; detail := 'The transfer has moved nothing';
    when 'source_not_open' then
      code := 'account_not_open'; detail := 'The source account is ' || source_status;
      extra := ledger_field_error('/sourceAccountId', 'is ' || source_status);
    when 'destination_closed' then
      code := 'account_not_open'; detail := 'The destination account is closed';
      extra := ledger_field_error('/destinationAccountId', 'is closed');
    when 'insufficient_funds' then
      code := fault; detail := most || ' ' || source_currency || ' is available';
      extra := ',"available":"' || most || '","currency":"' || source_currency || '"';
    when 'counter_full' then
      code := 'validation_failed'; detail := broken;
      extra := ledger_field_error('/amount', 'is more than the account can still count');
  end case;
  return (code, detail, extra);
end
$$;

-- Writes what became of transfers that waited and were tried once more.
create function ledger_update_transfers(transfers ledger_transfers[]) returns void
language plpgsql as $$
begin
  update ledger_transfers as t
  set status = u.status, attempts = t.attempts + 1, last_attempt_at = u.recorded_at,
    last_error = coalesce(u.last_error, t.last_error), failure_code = u.failure_code,
    next_attempt_at = case when u.status = 'pending'
      then u.recorded_at + least(interval '1 minute' * 2 ^ least(t.attempts, 10), interval '1 hour') end,
    source_version = u.source_version, destination_version = u.destination_version,
    source_sub = u.source_sub, destination_sub = u.destination_sub,
    source_balance = u.source_balance, destination_balance = u.destination_balance,
    entry_id = case when u.status = 'complete' then nextval('ledger_entry_ids') end,
    xid = case when u.status = 'complete' then pg_current_xact_id() end
  from unnest(transfers) as u
  where t.id = u.id and t.status = 'pending';
end
$$;

-- Announces transfers as they were written, in their order; of those that are tried once more only what is new.
create function ledger_announce_transfers(transfers ledger_transfers[], retrying boolean) returns void
language plpgsql as $$
declare
  -- Of all of them: made anew for each it was a twentieth of the time.
  occurred constant text := ledger_time((transfers[1]).recorded_at);
begin
  insert into outbox (subject, message_id, payload, headers)
  select
    'transaction.' || e.event, 'transaction.' || e.event || ':' || t.id::text,
    -- Put together as text: jsonb_build_object took three times as long.
    ('{"transferId":"' || t.id::text || '","type":' || to_json(t.type)::text || ',"status":"' || t.status
      || '","sourceAccountId":"' || t.source_account_id::text
      || '","destinationAccountId":"' || t.destination_account_id::text
      || '","amount":"' || ledger_decimal(t.amount, t.exponent) || '","currency":"' || t.currency || '"'
      || coalesce(
        ',"sourceVersion":' || t.source_version::text || ',"sourceSub":' || t.source_sub::text
        || ',"destinationVersion":' || t.destination_version::text || ',"destinationSub":' || t.destination_sub::text, ''
      )
      || coalesce(',"referenceId":' || to_json(t.reference_id)::text, '')
      || coalesce(',"revertsTransferId":"' || t.reverts_id::text || '"', '')
      || coalesce(',"failureReason":"' || t.last_error || '"', '')
      || ',"occurredAt":"' || occurred || '"}')::jsonb,
    coalesce(t.headers, '{}')
  from unnest(transfers) as t
  cross join lateral (
    select case t.status when 'complete' then 'completed' when 'failed' then 'failed' else 'submitted' end as event
  ) as e
  where not (retrying and t.status = 'pending');
end
$$;

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

-- Nobody calls it any more.
drop function ledger_transfer_json(
  uuid, text, text, uuid, uuid, bigint, smallint, text, text, text, timestamptz, timestamptz, uuid, uuid, uuid, text,
  integer, text, timestamptz, timestamptz
);
