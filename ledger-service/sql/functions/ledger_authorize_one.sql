-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- Decides on one purchase: what goes in is what ledger_authorize_many takes for each, and so are outcomes. One that is
-- new and approved, which is nearly every one, is written here; ledger_authorize_many decides on whatever is not plain:
-- a key or a reference that is known violates its unique index, an amount that does not fit the line's limit the check.
create or replace function ledger_authorize_one(
  id uuid, owner_id uuid, amount numeric, currency text, scope text, seconds integer,
  key text default null, hash bytea default null, request_id text default null, instance text default null,
  reference_id text default null, group_id uuid default null, automatic boolean default null,
  partner uuid default null, external_user_id text default null, max_amount numeric default null,
  velocity_seconds integer default null, velocity_count integer default null, velocity_amount numeric default null,
  saga_step_seconds integer default 60, problems text default '{}', headers jsonb default null,
  out status smallint, out body text, out replayed boolean
)
language plpgsql as $$
#variable_conflict use_variable
declare
  person uuid := owner_id;
  moment timestamptz := clock_timestamp();
  expires timestamptz;
  line record;
  minor numeric;
  -- What both the answer and the event say.
  told text; money text; none text; stamp text;
  -- Of the velocity rule.
  since timestamptz; most numeric; lately bigint; spent numeric;
begin
  if external_user_id is not null then
    person := (
      select u.user_id from ledger_partner_users as u
      where u.partner_id = partner and u.external_user_id = external_user_id
    );
  end if;
  if amount > 0 and coalesce(amount <= max_amount, true)
    and (group_id is null or ledger_group_size(scope, group_id) < 1000) and (key is null or ledger_claim(scope, key))
    and (reference_id is null or ledger_claim(scope, 'reference authorization ' || reference_id))
  then
    begin
      update ledger_accounts as l
      set debits_pending = l.debits_pending + amount * (array[1, 10, 100, 1000, 10000])[l.exponent + 1],
        version = l.version + 1, updated_at = greatest(l.updated_at, moment),
        velocity_holds = least(l.velocity_holds, 1000000000) + 1,
        velocity_total = least(l.velocity_total, 4000000000000000000) + amount * (array[1, 10, 100, 1000, 10000])[l.exponent + 1]
      where l.owner_id = person and l.currency = currency and l.kind = 'credit_line' and l.status = 'open'
        and l.overlimit = 0
      returning l.id, l.version, l.updated_at, l.exponent, l.velocity_since, l.velocity_holds, l.velocity_total into line;
      moment := line.updated_at;
      minor := amount * (array[1, 10, 100, 1000, 10000])[line.exponent + 1];
      if (minor = trunc(minor) and minor <= 1000000000000000) is not true then raise sqlstate 'LR001'; end if;
      if velocity_count is not null or velocity_amount is not null then
        since := moment - make_interval(secs => velocity_seconds);
        most := velocity_amount * (array[1, 10, 100, 1000, 10000])[line.exponent + 1];
        if (
          line.velocity_since <= since and coalesce(line.velocity_holds <= velocity_count, true)
          and coalesce(line.velocity_total <= most, true)
        ) is not true then
          -- Under the line's lock, and after the claim: what their last owners committed is seen.
          select count(*), coalesce(sum(h.amount), 0) into lately, spent
          from ledger_holds as h
          where h.account_id = line.id and h.placed_at > since;
          if (coalesce(lately < velocity_count, true) and coalesce(spent + minor <= most, true)) is not true then
            raise sqlstate 'LR001';
          end if;
          update ledger_accounts as l
          set velocity_since = since, velocity_holds = lately + 1,
            velocity_total = least(spent + minor, 4000000000000000000)
          where l.id = line.id;
        end if;
      end if;
      if reference_id is not null then
        perform from ledger_declines as d where d.scope = scope and d.reference_id = reference_id;
        if found then raise sqlstate 'LR001'; end if;
      end if;

      expires := moment + make_interval(secs => seconds);
      money := round(amount, line.exponent)::text;
      none := round(0.0, line.exponent)::text;
      stamp := ledger_time(moment);
      told := '"userId":"' || person::text || '","accountId":"' || line.id::text || '","amount":"' || money
        || '","currency":"' || currency || '"';
      -- As ledger_authorization_json says it.
      body := '{"id":"' || id::text || '","status":"approved",' || told || ',"capturedAmount":"' || none
        || '","releasedAmount":"' || none || '","openAmount":"' || money || '"'
        || coalesce(',"referenceId":' || to_json(reference_id)::text, '')
        || coalesce(',"groupId":"' || group_id::text || '"', '')
        || coalesce(',"externalUserId":' || to_json(external_user_id)::text, '')
        || ',"decidedAt":"' || stamp || '","expiresAt":"' || ledger_time(expires) || '"}';
      if key is not null then
        insert into idempotency_keys (caller_id, idempotency_key, request_hash, response_status, response_body)
        values (scope, key, hash, 201, body);
      end if;
      insert into ledger_holds (
        id, account_id, owner_id, amount, open, exponent, currency, scope, reference_id, group_id, placed_version,
        placed_at, expires_at, updated_at, headers, external_user_id
      ) values (
        id, line.id, person, minor, minor, line.exponent, currency, scope, reference_id, group_id, line.version, moment,
        expires, moment, headers, external_user_id
      );
      if automatic then
        insert into ledger_sagas (id, step, step_deadline, next_attempt_at, created_at, updated_at)
        values (id, 'post', moment + make_interval(secs => saga_step_seconds), moment, moment, moment);
      end if;
      insert into outbox (subject, message_id, payload, headers)
      values (
        'authorization.approved', 'authorization.approved:' || id::text,
        ('{"authorizationId":"' || id::text || '",' || told || ',"accountVersion":' || line.version::text
          || ',"reason":null,"referenceId":' || coalesce(to_json(reference_id)::text, 'null') || ',"groupId":'
          || coalesce('"' || group_id::text || '"', 'null') || ',"occurredAt":"' || stamp || '"}')::jsonb,
        coalesce(headers, '{}')
      );
      status := 201; replayed := false;
      return;
    exception when unique_violation or check_violation or numeric_value_out_of_range or sqlstate 'LR001' then
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
    saga_step_seconds => saga_step_seconds, problems => problems, headers => array[headers]
  ) as p;
end
$$;
