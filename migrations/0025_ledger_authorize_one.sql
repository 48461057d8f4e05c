-- One purchase is asked for by plain values, without arrays, without the settings that batches are planned under (2 us a
-- call), and without a function inside a function.

-- Decides on one purchase: what goes in is what ledger_authorize_many takes for each, and so are outcomes. One that is
-- new and approved, which is nearly every one, is written here; ledger_authorize_many decides on whatever is not plain.
--
-- Nothing is locked while it is decided. The line's version stands for all that was read, since each change of its
-- counters, its holds or its status raises it: the update finds the version that was decided on, or it was not plain.
-- That spares a statement and the lock's own record.
create function ledger_authorize_one(
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
  a record;
  expires timestamptz; minor bigint; stamp text;
begin
  <<plain>>
  begin
    if external_user_id is not null then
      person := (
        select u.user_id from ledger_partner_users as u
        where u.partner_id = partner and u.external_user_id = external_user_id
      );
    end if;
    if key is not null then
      exit plain when not ledger_claim(scope, key);
    end if;
    if reference_id is not null then
      exit plain when not ledger_claim(scope, 'reference authorization ' || reference_id);
      perform from ledger_holds as h where h.scope = scope and h.reference_id = reference_id;
      exit plain when found;
      perform from ledger_declines as d where d.scope = scope and d.reference_id = reference_id;
      exit plain when found;
    end if;

    -- After the claim, so that what its last owner committed is seen.
    select l.id, l.exponent, l.version, greatest(l.updated_at, moment) as moment, v.lately, v.spent,
      (array[1, 10, 100, 1000, 10000])[l.exponent + 1] * amount as scaled,
      (array[1, 10, 100, 1000, 10000])[l.exponent + 1] * velocity_amount as most
    into a
    from ledger_accounts as l
    cross join lateral (
      select count(*) as lately, coalesce(sum(h.amount), 0) as spent
      from ledger_holds as h
      where h.account_id = l.id
        and h.placed_at > greatest(l.updated_at, moment) - make_interval(secs => velocity_seconds)
    ) as v
    where l.owner_id = person and l.currency = currency and l.kind = 'credit_line' and l.status = 'open'
      and not exists (select from idempotency_keys as f where f.caller_id = scope and f.idempotency_key = key);
    exit plain when not found or amount > max_amount or a.lately >= velocity_count or a.spent + a.scaled > a.most
      or a.scaled <> trunc(a.scaled) or a.scaled <= 0 or a.scaled > 1000000000000000;
    minor := a.scaled;
    moment := a.moment;
    update ledger_accounts as l
    set debits_pending = l.debits_pending + minor, version = l.version + 1, updated_at = moment
    where l.id = a.id and l.version = a.version
      and l.credit_limit + l.credits_posted - l.debits_posted - l.debits_pending >= minor;
    exit plain when not found;

    expires := moment + make_interval(secs => seconds);
    body := ledger_authorization_json(
      id, 'open', person, a.id, minor, 0, 0, a.exponent, currency, reference_id, group_id, moment, expires
    );
    insert into ledger_holds (
      id, account_id, owner_id, amount, exponent, currency, scope, reference_id, group_id, placed_version, placed_at,
      expires_at, updated_at
    ) values (
      id, a.id, person, minor, a.exponent, currency, scope, reference_id, group_id, a.version + 1, moment, expires, moment
    );
    if automatic then
      insert into ledger_sagas (id, step, step_deadline, next_attempt_at, created_at, updated_at)
      values (id, 'post', moment + make_interval(secs => saga_step_seconds), moment, moment, moment);
    end if;
    if key is not null then
      insert into idempotency_keys (caller_id, idempotency_key, request_hash, response_status, response_body)
      values (scope, key, hash, 201, body);
    end if;
    insert into outbox (subject, message_id, payload)
    values (
      'authorization.approved', 'authorization.approved:' || id::text,
      ('{"authorizationId":"' || id::text || '","userId":"' || person::text || '","accountId":"' || a.id::text
        || '","accountVersion":' || (a.version + 1)::text || ',"amount":"' || ledger_decimal(minor, a.exponent)
        || '","currency":"' || currency || '","reason":null,"referenceId":'
        || coalesce(to_json(reference_id)::text, 'null') || ',"groupId":' || coalesce('"' || group_id::text || '"', 'null')
        || ',"occurredAt":"' || ledger_time(moment) || '"}')::jsonb
    );
    status := 201; replayed := false;
    return;
  end plain;

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

drop function ledger_authorize;
-- Decides on purchases, in their order, each with an outcome of its own: see ledger_authorize_many for what goes in.
create function ledger_authorize(
  ids uuid[],
  owners uuid[],
  amounts numeric[],
  currencies text[],
  scopes text[],
  seconds integer[],
  keys text[] default null,
  hashes bytea[] default null,
  request_ids text[] default null,
  instances text[] default null,
  refs text[] default null,
  groups uuid[] default null,
  automatic boolean[] default null,
  partners uuid[] default null,
  externals text[] default null,
  max_amount numeric default null,
  velocity_seconds integer default null,
  velocity_count integer default null,
  velocity_amount numeric default null,
  saga_step_seconds integer default 60,
  problems text default '{}'
) returns table (n integer, status smallint, body text, replayed boolean)
language plpgsql as $$
#variable_conflict use_variable
begin
  if cardinality(ids) = 1 then
    return query
      select 1, o.status, o.body, o.replayed
      from ledger_authorize_one(
        ids[1], owners[1], amounts[1], currencies[1], scopes[1], seconds[1], keys[1], hashes[1], request_ids[1],
        instances[1], refs[1], groups[1], automatic[1], partners[1], externals[1], max_amount, velocity_seconds,
        velocity_count, velocity_amount, saga_step_seconds, problems
      ) as o;
    return;
  end if;
  return query
    select p.n, p.status, p.body, p.replayed
    from ledger_authorize_many(
      ids, owners, amounts, currencies, scopes, seconds, keys, hashes, request_ids, instances, refs, groups, automatic,
      partners, externals, max_amount, velocity_seconds, velocity_count, velocity_amount, saga_step_seconds, problems
    ) as p;
end
$$;

drop function ledger_authorize_plain;
