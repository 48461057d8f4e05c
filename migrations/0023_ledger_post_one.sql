-- One transfer is asked for by plain values and needs no arrays at all: making and reading them was a tenth of its time.

-- Posts one transfer: what goes in is what ledger_post_many takes for each, and so are locks and outcomes. One that
-- is new and goes through between two open accounts, which is nearly every one, is written here; ledger_post_many
-- decides on whatever is not plain.
create function ledger_post_one(
  source uuid, destination uuid, id uuid, amount numeric, type text, scope text,
  key text default null, hash bytea default null, request_id text default null, instance text default null,
  owner uuid default null, wanted_currency text default null, reference_id text default null,
  description text default null, effective_at timestamptz default null, waits boolean default null,
  not_before timestamptz default null, problems text default '{}',
  out status smallint, out body text, out replayed boolean
)
language plpgsql as $$
#variable_conflict use_variable
declare
  low constant uuid := least(source, destination);
  l record; h record; s record; d record;
  moment timestamptz; scaled numeric; minor bigint;
  -- What both the answer and the event say.
  told text; stamp text;
begin
  <<plain>>
  begin
    exit plain when waits or not_before is not null;
    if key is not null then
      exit plain when not ledger_claim(scope, key);
      perform from idempotency_keys as f where f.caller_id = scope and f.idempotency_key = key;
      exit plain when found;
    end if;
    if reference_id is not null then
      exit plain when not ledger_claim(scope, 'reference ' || type || ' ' || reference_id);
      perform from ledger_transfers as t
      where t.scope = scope and t.type = type and t.reference_id = reference_id and t.status <> 'failed';
      exit plain when found;
    end if;

    select 0::smallint as sub, a.kind, a.status, a.owner_id, a.exponent, a.currency, a.debits_posted as debits,
      a.credits_posted as credits, a.credit_limit + a.credits_posted - a.debits_posted - a.debits_pending as available,
      a.version, a.updated_at
    into l from ledger_accounts as a where a.id = low and a.sub_balances = 0 for no key update;
    select 0::smallint as sub, a.kind, a.status, a.owner_id, a.exponent, a.currency, a.debits_posted as debits,
      a.credits_posted as credits, a.credit_limit + a.credits_posted - a.debits_posted - a.debits_pending as available,
      a.version, a.updated_at
    into h from ledger_accounts as a where a.id = greatest(source, destination) and a.sub_balances = 0 for no key update;
    if l is null then
      select b.sub, a.kind, a.status, a.owner_id, a.exponent, a.currency, b.debits_posted as debits,
        b.credits_posted as credits, null::bigint as available, b.version, b.updated_at
      into l from ledger_accounts as a
      join ledger_sub_balances as b on b.account_id = a.id and b.sub = 1 + pg_backend_pid() % a.sub_balances
      where a.id = low and a.sub_balances > 0 for no key update of b;
    end if;
    if h is null then
      select b.sub, a.kind, a.status, a.owner_id, a.exponent, a.currency, b.debits_posted as debits,
        b.credits_posted as credits, null::bigint as available, b.version, b.updated_at
      into h from ledger_accounts as a
      join ledger_sub_balances as b on b.account_id = a.id and b.sub = 1 + pg_backend_pid() % a.sub_balances
      where a.id = greatest(source, destination) and a.sub_balances > 0 for no key update of b;
    end if;
    if source = low then s := l; d := h; else s := h; d := l; end if;
    scaled := amount * (array[1, 10, 100, 1000, 10000])[s.exponent + 1];
    if (
      s.currency = d.currency and s.status = 'open' and d.status <> 'closed'
      and scaled = trunc(scaled) and scaled > 0 and scaled <= 100000000000000000
      and coalesce(s.available >= scaled, true) and source <> destination
      and s.debits <= 3900000000000000000 and d.credits <= 3900000000000000000
      and coalesce(wanted_currency = s.currency, true)
      and (owner is null or (s.owner_id = owner and s.kind = 'wallet' and (d.kind = 'wallet' or d.owner_id = owner)))
    ) is not true then
      exit plain;
    end if;
    minor := scaled;
    moment := greatest(s.updated_at, d.updated_at, clock_timestamp());
    stamp := ledger_time(moment);
    told := id::text || '","type":' || to_json(type)::text || ',"status":"complete","sourceAccountId":"' || source::text
      || '","destinationAccountId":"' || destination::text || '","amount":"' || round(amount, s.exponent)::text
      || '","currency":"' || s.currency || '"' || coalesce(',"referenceId":' || to_json(reference_id)::text, '');
    body := '{"id":"' || told || coalesce(',"description":' || to_json(description)::text, '')
      || ',"effectiveAt":"' || coalesce(ledger_time(effective_at), stamp) || '","recordedAt":"' || stamp || '"}';

    update ledger_accounts as a
    set debits_posted = a.debits_posted + case when a.id = source then minor else 0 end,
      credits_posted = a.credits_posted + case when a.id = destination then minor else 0 end,
      version = a.version + 1, updated_at = moment,
      overlimit_use = least(a.overlimit_use, greatest(
        a.debits_posted + a.debits_pending - a.credits_posted - case when a.id = destination then minor else 0 end, 0
      ))
    where a.id in (source, destination) and a.sub_balances = 0;
    if s.sub > 0 then
      update ledger_sub_balances as b
      set debits_posted = b.debits_posted + minor, version = b.version + 1, updated_at = moment
      where b.account_id = source and b.sub = s.sub;
    end if;
    if d.sub > 0 then
      update ledger_sub_balances as b
      set credits_posted = b.credits_posted + minor, version = b.version + 1, updated_at = moment
      where b.account_id = destination and b.sub = d.sub;
    end if;
    insert into ledger_transfers (
      id, type, status, source_account_id, destination_account_id, amount, source_version, destination_version,
      source_sub, destination_sub, exponent, currency, scope, reference_id, description, effective_at, recorded_at
    ) values (
      id, type, 'complete', source, destination, minor, s.version + 1, d.version + 1, s.sub, d.sub, s.exponent, s.currency,
      scope, reference_id, description, effective_at, moment
    );
    insert into ledger_entries (
      account_id, sub, version, amount, balance_after, recorded_at, effective_at, transfer_id
    ) values
      (source, s.sub, s.version + 1, -minor, s.credits - s.debits - minor, moment, effective_at, id),
      (destination, d.sub, d.version + 1, minor, d.credits - d.debits + minor, moment, effective_at, id);
    if key is not null then
      insert into idempotency_keys (caller_id, idempotency_key, request_hash, response_status, response_body)
      values (scope, key, hash, 201, body);
    end if;
    insert into outbox (subject, message_id, payload)
    values (
      'transaction.completed', 'transaction.completed:' || id::text,
      ('{"transferId":"' || told || ',"sourceVersion":' || (s.version + 1)::text || ',"sourceSub":' || s.sub::text
        || ',"destinationVersion":' || (d.version + 1)::text || ',"destinationSub":' || d.sub::text
        || ',"occurredAt":"' || stamp || '"}')::jsonb
    );
    status := 201; replayed := false;
    return;
  end plain;

  select p.status, p.body, p.replayed into status, body, replayed
  from ledger_post_many(
    accounts => case when source = destination then array[source] else array[low, greatest(source, destination)] end,
    ids => array[id], sources => array[case when source = low then 1 else 2 end],
    destinations => array[case when destination = low then 1 else 2 end], amounts => array[amount],
    types => array[type], scopes => array[scope], keys => array[key], hashes => array[hash],
    request_ids => array[request_id], instances => array[instance], owners => array[owner],
    currencies => array[wanted_currency], refs => array[reference_id], descriptions => array[description],
    effective => array[effective_at], waits => array[waits], not_before => array[not_before], problems => problems
  ) as p;
end
$$;

-- Posts transfers, in their order, each with an outcome of its own: see ledger_post_many for what goes in, and for the
-- order of locks.
create or replace function ledger_post(
  accounts uuid[],
  ids uuid[],
  sources integer[],
  destinations integer[],
  amounts numeric[],
  types text[],
  scopes text[],
  keys text[] default null,
  hashes bytea[] default null,
  request_ids text[] default null,
  instances text[] default null,
  owners uuid[] default null,
  currencies text[] default null,
  refs text[] default null,
  descriptions text[] default null,
  effective timestamptz[] default null,
  reverts uuid[] default null,
  waits boolean[] default null,
  not_before timestamptz[] default null,
  retrying boolean default false,
  atomic boolean default false,
  dry boolean default false,
  problems text default '{}'
) returns table (n integer, status smallint, body text, replayed boolean)
language plpgsql
as $$
#variable_conflict use_variable
begin
  if cardinality(ids) = 1 and not (retrying or atomic or dry) and reverts is null then
    return query
      select 1, o.status, o.body, o.replayed
      from ledger_post_one(
        accounts[sources[1]], accounts[destinations[1]], ids[1], amounts[1], types[1], scopes[1], keys[1], hashes[1],
        request_ids[1], instances[1], owners[1], currencies[1], refs[1], descriptions[1], effective[1], waits[1],
        not_before[1], problems
      ) as o;
    return;
  end if;
  return query
    select p.n, p.status, p.body, p.replayed
    from ledger_post_many(
      accounts, ids, sources, destinations, amounts, types, scopes, keys, hashes, request_ids, instances, owners,
      currencies, refs, descriptions, effective, reverts, waits, not_before, retrying, atomic, dry, problems
    ) as p;
end
$$;

drop function ledger_post_plain;
