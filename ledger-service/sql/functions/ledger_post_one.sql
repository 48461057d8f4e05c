-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- Posts one transfer: what goes in is what ledger_post_many takes for each, and so are locks and outcomes. One that
-- is new and goes through between two open accounts, which is nearly every one, is written here; ledger_post_many
-- decides on whatever is not plain: a key or a reference that is known violates its unique index, an amount that does
-- not fit the account's limit the check.
create or replace function ledger_post_one(
  source uuid, destination uuid, id uuid, amount numeric, type text, scope text,
  key text default null, hash bytea default null, request_id text default null, instance text default null,
  owner uuid default null, wanted_currency text default null, reference_id text default null,
  description text default null, effective_at timestamptz default null, waits boolean default null,
  not_before timestamptz default null, problems text default '{}', headers jsonb default null,
  out status smallint, out body text, out replayed boolean
)
language plpgsql as $$
#variable_conflict use_variable
declare
  moment timestamptz := clock_timestamp();
  s record; d record;
  minor numeric;
  -- What both the answer and the event say.
  told text; stamp text;
begin
  if waits is not true and not_before is null and source <> destination and amount > 0 and amount <= 10000000000000
    and (key is null or ledger_claim(scope, key))
    and (reference_id is null or ledger_claim(scope, 'reference ' || type || ' ' || reference_id))
  then
    begin
      -- Accounts by id, a hot one's part after them.
      if source < destination then
        update ledger_accounts as a
        set debits_posted = a.debits_posted + amount * (array[1, 10, 100, 1000, 10000])[a.exponent + 1],
          version = a.version + 1, updated_at = greatest(a.updated_at, moment)
        where a.id = source and a.sub_balances = 0 and a.status = 'open' and a.overlimit = 0
          and a.debits_posted <= 3900000000000000000 and (owner is null or (a.owner_id = owner and a.kind = 'wallet'))
        returning 0::smallint as sub, a.version, a.credits_posted - a.debits_posted as balance, a.updated_at, a.currency,
          a.exponent
        into s;
        moment := greatest(moment, s.updated_at);
        update ledger_accounts as a
        set credits_posted = a.credits_posted + amount * (array[1, 10, 100, 1000, 10000])[a.exponent + 1],
          version = a.version + 1, updated_at = greatest(a.updated_at, moment)
        where a.id = destination and a.sub_balances = 0 and a.status <> 'closed' and a.overlimit = 0
          and a.credits_posted <= 3900000000000000000 and (owner is null or a.kind = 'wallet' or a.owner_id = owner)
        returning 0::smallint as sub, a.version, a.credits_posted - a.debits_posted as balance, a.updated_at, a.currency
        into d;
        moment := greatest(moment, d.updated_at);
      else
        update ledger_accounts as a
        set credits_posted = a.credits_posted + amount * (array[1, 10, 100, 1000, 10000])[a.exponent + 1],
          version = a.version + 1, updated_at = greatest(a.updated_at, moment)
        where a.id = destination and a.sub_balances = 0 and a.status <> 'closed' and a.overlimit = 0
          and a.credits_posted <= 3900000000000000000 and (owner is null or a.kind = 'wallet' or a.owner_id = owner)
        returning 0::smallint as sub, a.version, a.credits_posted - a.debits_posted as balance, a.updated_at, a.currency
        into d;
        moment := greatest(moment, d.updated_at);
        update ledger_accounts as a
        set debits_posted = a.debits_posted + amount * (array[1, 10, 100, 1000, 10000])[a.exponent + 1],
          version = a.version + 1, updated_at = greatest(a.updated_at, moment)
        where a.id = source and a.sub_balances = 0 and a.status = 'open' and a.overlimit = 0
          and a.debits_posted <= 3900000000000000000 and (owner is null or (a.owner_id = owner and a.kind = 'wallet'))
        returning 0::smallint as sub, a.version, a.credits_posted - a.debits_posted as balance, a.updated_at, a.currency,
          a.exponent
        into s;
        moment := greatest(moment, s.updated_at);
      end if;
      if s.version is null then
        update ledger_sub_balances as b
        set debits_posted = b.debits_posted + amount * (array[1, 10, 100, 1000, 10000])[a.exponent + 1],
          version = b.version + 1, updated_at = greatest(b.updated_at, moment)
        from ledger_accounts as a
        where a.id = source and a.sub_balances > 0 and a.status = 'open' and owner is null
          and b.account_id = source and b.sub = 1 + pg_backend_pid() % a.sub_balances
          and b.debits_posted <= 3900000000000000000
        returning b.sub, b.version, b.credits_posted - b.debits_posted as balance, b.updated_at, a.currency, a.exponent
        into s;
        moment := greatest(moment, s.updated_at);
      elsif d.version is null then
        update ledger_sub_balances as b
        set credits_posted = b.credits_posted + amount * (array[1, 10, 100, 1000, 10000])[a.exponent + 1],
          version = b.version + 1, updated_at = greatest(b.updated_at, moment)
        from ledger_accounts as a
        where a.id = destination and a.sub_balances > 0 and a.status <> 'closed' and (owner is null or a.owner_id = owner)
          and b.account_id = destination and b.sub = 1 + pg_backend_pid() % a.sub_balances
          and b.credits_posted <= 3900000000000000000
        returning b.sub, b.version, b.credits_posted - b.debits_posted as balance, b.updated_at, a.currency into d;
        moment := greatest(moment, d.updated_at);
      end if;
      minor := amount * (array[1, 10, 100, 1000, 10000])[s.exponent + 1];
      if (s.currency = d.currency and coalesce(wanted_currency = s.currency, true) and minor = trunc(minor)) is not true then
        raise sqlstate 'LR001';
      end if;
      -- Where the second was waited for, the first gets its time as well.
      if s.updated_at <> d.updated_at then
        update ledger_accounts as a set updated_at = moment where a.id in (source, destination) and a.sub_balances = 0;
      end if;

      stamp := ledger_time(moment);
      told := id::text || '","type":' || to_json(type)::text || ',"status":"complete","sourceAccountId":"' || source::text
        || '","destinationAccountId":"' || destination::text || '","amount":"' || round(amount, s.exponent)::text
        || '","currency":"' || s.currency || '"' || coalesce(',"referenceId":' || to_json(reference_id)::text, '');
      body := '{"id":"' || told || coalesce(',"description":' || to_json(description)::text, '')
        || ',"effectiveAt":"' || coalesce(ledger_time(effective_at), stamp) || '","recordedAt":"' || stamp || '"}';
      if key is not null then
        insert into idempotency_keys (caller_id, idempotency_key, request_hash, response_status, response_body)
        values (scope, key, hash, 201, body);
      end if;
      insert into ledger_transfers (
        id, type, status, source_account_id, destination_account_id, amount, source_version, destination_version,
        source_sub, destination_sub, source_balance, destination_balance, entry_id, xid, exponent, currency, scope,
        reference_id, description, effective_at, recorded_at
      ) values (
        id, type, 'complete', source, destination, minor, s.version, d.version, s.sub, d.sub, s.balance, d.balance,
        nextval('ledger_entry_ids'), pg_current_xact_id(), s.exponent, s.currency, scope, reference_id, description,
        effective_at, moment
      );
      insert into outbox (subject, message_id, payload, headers)
      values (
        'transaction.completed', 'transaction.completed:' || id::text,
        ('{"transferId":"' || told || ',"sourceVersion":' || s.version::text || ',"sourceSub":' || s.sub::text
          || ',"destinationVersion":' || d.version::text || ',"destinationSub":' || d.sub::text
          || ',"occurredAt":"' || stamp || '"}')::jsonb,
        coalesce(headers, '{}')
      );
      status := 201; replayed := false;
      return;
    exception when unique_violation or check_violation or sqlstate 'LR001' then
      -- Undone; decided below.
    end;
  end if;

  select p.status, p.body, p.replayed into status, body, replayed
  from ledger_post_many(
    accounts => case when source = destination then array[source]
      else array[least(source, destination), greatest(source, destination)] end,
    ids => array[id], sources => array[case when source <= destination then 1 else 2 end],
    destinations => array[case when destination <= source then 1 else 2 end], amounts => array[amount],
    types => array[type], scopes => array[scope], keys => array[key], hashes => array[hash],
    request_ids => array[request_id], instances => array[instance], owners => array[owner],
    currencies => array[wanted_currency], refs => array[reference_id], descriptions => array[description],
    effective => array[effective_at], waits => array[waits], not_before => array[not_before], problems => problems,
    headers => array[headers]
  ) as p;
end
$$;
