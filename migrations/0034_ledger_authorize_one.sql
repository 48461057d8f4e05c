-- One purchase is reserved in the hope that it is new and approved, as one transfer is posted: its line is found and
-- changed by one statement, and what the rules need is counted under its lock.

-- Of a hold's check nothing is left for its placement, where everything but the amount is a default: what its status
-- says of what is open concerns who changes it.
alter table ledger_holds drop constraint ledger_holds_closed_when_empty;
create or replace function ledger_keep_hold_parts() returns trigger
language plpgsql as $$
begin
  if new.status in ('open', 'captured', 'voided', 'expired') and new.amount > 0 and new.expires_at > new.placed_at
    and least(new.captured, new.voided, new.expired, new.amount - new.captured - new.voided - new.expired) >= 0
    and (new.status = 'open') = (new.amount > new.captured + new.voided + new.expired)
  then
    return new;
  end if;
  raise exception 'hold % of % cannot be % with % captured, % voided and % expired', new.id, new.amount, new.status,
    new.captured, new.voided, new.expired
    using errcode = 'check_violation', constraint = 'ledger_holds_parts', table = 'ledger_holds';
end
$$;

-- Minor units as a decimal: 1250 with exponent 2 is 12.50. A product has the places of its factors; a power and a
-- division took three times as long.
create or replace function ledger_decimal(minor bigint, exponent smallint) returns text
language sql immutable parallel safe
return (minor * (array[1, 0.1, 0.01, 0.001, 0.0001])[exponent + 1])::text;

-- Decides on one purchase: what goes in is what ledger_authorize_many takes for each, and so are outcomes. One that is
-- new and approved, which is nearly every one, is written here; ledger_authorize_many decides on whatever is not plain:
-- a key or a reference that is known violates its unique index, an amount that does not fit the line's limit the check.
create or replace function ledger_authorize_one(
  id uuid, owner_id uuid, amount numeric, currency text, scope text, seconds integer,
  key text default null, hash bytea default null, request_id text default null, instance text default null,
  reference_id text default null, group_id uuid default null, automatic boolean default null,
  partner uuid default null, external_user_id text default null, max_amount numeric default null,
  velocity_seconds integer default null, velocity_count integer default null, velocity_amount numeric default null,
  saga_step_seconds integer default 60, problems text default '{}',
  out status smallint, out body text, out replayed boolean
)
language plpgsql as $$
#variable_conflict use_variable
declare
  person uuid := owner_id;
  moment timestamptz := clock_timestamp();
  expires timestamptz;
  line record;
  lately bigint; spent numeric; minor numeric;
begin
  if external_user_id is not null then
    person := (
      select u.user_id from ledger_partner_users as u
      where u.partner_id = partner and u.external_user_id = external_user_id
    );
  end if;
  if amount > 0 and coalesce(amount <= max_amount, true) and (key is null or ledger_claim(scope, key))
    and (reference_id is null or ledger_claim(scope, 'reference authorization ' || reference_id))
  then
    begin
      update ledger_accounts as l
      set debits_pending = l.debits_pending + amount * (array[1, 10, 100, 1000, 10000])[l.exponent + 1],
        version = l.version + 1, updated_at = greatest(l.updated_at, moment)
      where l.owner_id = person and l.currency = currency and l.kind = 'credit_line' and l.status = 'open'
        and l.overlimit = 0
      returning l.id, l.version, l.updated_at, l.exponent into line;
      moment := line.updated_at;
      minor := amount * (array[1, 10, 100, 1000, 10000])[line.exponent + 1];
      -- Under the line's lock, and after the claim: what their last owners committed is seen.
      if velocity_count is not null or velocity_amount is not null then
        select count(*), coalesce(sum(h.amount), 0) into lately, spent
        from ledger_holds as h
        where h.account_id = line.id and h.placed_at > moment - make_interval(secs => velocity_seconds);
      end if;
      if (
        minor = trunc(minor) and minor <= 1000000000000000 and coalesce(lately < velocity_count, true)
        and coalesce(spent + minor <= velocity_amount * (array[1, 10, 100, 1000, 10000])[line.exponent + 1], true)
      ) is not true then
        raise sqlstate 'LR001';
      end if;
      if reference_id is not null then
        perform from ledger_declines as d where d.scope = scope and d.reference_id = reference_id;
        if found then raise sqlstate 'LR001'; end if;
      end if;

      expires := moment + make_interval(secs => seconds);
      body := ledger_authorization_json(
        id, 'open', person, line.id, minor::bigint, 0, 0, line.exponent, currency, reference_id, group_id, moment, expires
      );
      if key is not null then
        insert into idempotency_keys (caller_id, idempotency_key, request_hash, response_status, response_body)
        values (scope, key, hash, 201, body);
      end if;
      insert into ledger_holds (
        id, account_id, owner_id, amount, exponent, currency, scope, reference_id, group_id, placed_version, placed_at,
        expires_at, updated_at
      ) values (
        id, line.id, person, minor, line.exponent, currency, scope, reference_id, group_id, line.version, moment, expires,
        moment
      );
      if automatic then
        insert into ledger_sagas (id, step, step_deadline, next_attempt_at, created_at, updated_at)
        values (id, 'post', moment + make_interval(secs => saga_step_seconds), moment, moment, moment);
      end if;
      insert into outbox (subject, message_id, payload)
      values (
        'authorization.approved', 'authorization.approved:' || id::text,
        ('{"authorizationId":"' || id::text || '","userId":"' || person::text || '","accountId":"' || line.id::text
          || '","accountVersion":' || line.version::text || ',"amount":"' || round(amount, line.exponent)::text
          || '","currency":"' || currency || '","reason":null,"referenceId":'
          || coalesce(to_json(reference_id)::text, 'null') || ',"groupId":'
          || coalesce('"' || group_id::text || '"', 'null') || ',"occurredAt":"' || ledger_time(moment) || '"}')::jsonb
      );
      status := 201; replayed := false;
      return;
    exception when unique_violation or check_violation or sqlstate 'LR001' then
      -- Undone; decided below.
    end;
  end if;

  select p.status, p.body, p.replayed into status, body, replayed
  from ledger_authorize_many(
    ids => array[id], owners => array[owner_id], amounts => array[amount], currencies => array[currency],
    scopes => array[scope], seconds => array[seconds], keys => array[key], hashes => array[hash],
    request_ids => array[request_id], instances => array[instance], refs => array[reference_id],
    groups => array[group_id], automatic => array[automatic], partners => array[partner],
    externals => case when external_user_id is not null then array[external_user_id] end, max_amount => max_amount,
    velocity_seconds => velocity_seconds, velocity_count => velocity_count, velocity_amount => velocity_amount,
    saga_step_seconds => saga_step_seconds, problems => problems
  ) as p;
end
$$;
