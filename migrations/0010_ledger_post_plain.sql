-- A single transfer that goes through, which is nearly every one, takes a path without arrays: half the time.

-- The plain case, without arrays: one transfer between two open accounts that goes through. Null: it is not that, nothing
-- was written, and ledger_post decides. Locks and results are those of ledger_post.
create function ledger_post_plain(
  source uuid, destination uuid, id uuid, amount numeric, type text, scope text, key text, hash bytea, owner uuid,
  wanted_currency text, reference_id text, description text, effective_at timestamptz
) returns text
language plpgsql as $$
#variable_conflict use_variable
declare
  low constant uuid := least(source, destination);
  l record; h record; s record; d record;
  moment timestamptz; scaled numeric; minor bigint; body text;
  -- What both the answer and the event say.
  told text; stamp text;
begin
  if key is not null then
    perform from idempotency_keys as f where f.caller_id = scope and f.idempotency_key = key;
    if found then return null; end if;
  end if;
  if reference_id is not null then
    perform from ledger_transfers as t
    where t.scope = scope and t.type = type and t.reference_id = reference_id and t.status <> 'failed';
    if found then return null; end if;
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
    return null;
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
  return body;
end
$$;

-- Posts transfers, in their order, each with an outcome of its own: see ledger_post_many for what goes in, and for the
-- order of locks.
create function ledger_post(
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
  if cardinality(ids) = 1 and not (retrying or atomic or dry)
    and reverts is null and waits is null and not_before is null
    and (keys[1] is null or ledger_claim(scopes[1], keys[1]))
    and (refs[1] is null or ledger_claim(scopes[1], 'reference ' || types[1] || ' ' || refs[1]))
  then
    body := ledger_post_plain(
      accounts[sources[1]], accounts[destinations[1]], ids[1], amounts[1], types[1], scopes[1], keys[1], hashes[1],
      owners[1], currencies[1], refs[1], descriptions[1], effective[1]
    );
    if body is not null then
      n := 1; status := 201; replayed := false;
      return next;
      return;
    end if;
  end if;
  return query
    select p.n, p.status, p.body, p.replayed
    from ledger_post_many(
      accounts, ids, sources, destinations, amounts, types, scopes, keys, hashes, request_ids, instances, owners,
      currencies, refs, descriptions, effective, reverts, waits, not_before, retrying, atomic, dry, problems
    ) as p;
end
$$;
