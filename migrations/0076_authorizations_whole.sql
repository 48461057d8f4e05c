-- ledger_authorize_one and ledger_authorize_many whole again, after others changed single words of them. Nothing changes.

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

-- Decides on purchases, in their order, each with an outcome of its own, and reserves for those that are approved.
--
-- owners: whose line; null where `externals` names the person as `partners` knows them. A line is the person's open one
-- in the currency. seconds: how long a hold stays. automatic: a saga captures it.
-- headers: what the events carry along, those of what becomes of the hold by itself included.
-- The risk check (the caller's policy; a null rule is none): the account's state, the largest amount, and how many and
-- how much within the last velocity_seconds, the one that is asked for included.
--
-- Locks: claims (never waited for), then accounts by id. Nothing is written before all are held.
create or replace function ledger_authorize_many(
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
  problems text default '{}',
  headers jsonb[] default null
) returns table (n integer, status smallint, body text, replayed boolean)
language plpgsql
-- Plans for arrays are made once: a plan for each call, which is the default, cost more than the work.
set plan_cache_mode = force_generic_plan
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
as $$
#variable_conflict use_variable
declare
  count constant integer := cardinality(ids);
  r record;
  i integer;
  moment timestamptz := clock_timestamp();
  o_status smallint[] := array_fill(null::smallint, array[count]);
  o_body text[] := array_fill(null::text, array[count]);
  o_replayed boolean[] := array_fill(false, array[count]);
  -- By its key, and not by its reference.
  o_remembered boolean[];
  -- The approved ones have a version, the declined ones a reason.
  o_version bigint[] := array_fill(null::bigint, array[count]);
  o_reason text[] := array_fill(null::text, array[count]);
  o_minor bigint[] := array_fill(null::bigint, array[count]);
  o_account uuid[] := array_fill(null::uuid, array[count]);
  o_exponent smallint[] := array_fill(null::smallint, array[count]);
  o_moment timestamptz[] := array_fill(null::timestamptz, array[count]);
  approved integer := 0;
  declined integer := 0;
  u_account uuid[]; u_held bigint[]; u_version bigint[]; u_moment timestamptz[];
  u_since timestamptz[]; u_lately integer[]; u_spent numeric[];
  held bigint; version bigint; available bigint; scaled numeric; minor bigint; reason text; extra text;
  -- Of the velocity rule; when the batch's purchases are all within what the line's count allows, nothing is looked up.
  since timestamptz; most numeric; lately integer; spent numeric;
begin
  -- Claims first, then what was answered before: two statements, because what the owner of a key committed before it let
  -- go of it must be seen.
  if keys is not null then
    for i in 1..count loop
      if keys[i] is not null and not ledger_claim(scopes[i], keys[i]) then
        o_status[i] := 409;
        o_body[i] := ledger_problem(problems, 'request_in_progress', 'A request with this Idempotency-Key is still running', instances[i], request_ids[i]);
      end if;
    end loop;
    for r in
      select k.n, f.request_hash, f.response_status, f.response_body
      from unnest(scopes, keys) with ordinality as k (scope, key, n)
      join idempotency_keys as f on f.caller_id = k.scope and f.idempotency_key = k.key
    loop
      continue when o_status[r.n] is not null;
      if r.request_hash = hashes[r.n] then
        o_status[r.n] := r.response_status; o_body[r.n] := r.response_body; o_replayed[r.n] := true;
      else
        o_status[r.n] := 422;
        o_body[r.n] := ledger_problem(problems, 'idempotency_key_reused', 'This Idempotency-Key was used for another request', instances[r.n], request_ids[r.n]);
      end if;
    end loop;
  end if;

  o_remembered := o_replayed;
  if externals is not null then
    for r in
      select k.n, u.user_id from unnest(partners, externals) with ordinality as k (partner_id, external_id, n)
      join ledger_partner_users as u on u.partner_id = k.partner_id and u.external_user_id = k.external_id
    loop
      owners[r.n] := r.user_id;
    end loop;
    for i in 1..count loop
      if owners[i] is null and o_status[i] is null then
        o_status[i] := 404;
        o_body[i] := ledger_problem(problems, 'user_not_found', 'This person is not linked to you', instances[i], request_ids[i], ledger_field_error('/user_id', 'is not one of your users'));
      end if;
    end loop;
  end if;

  if refs is not null then
    for i in 1..count loop
      if refs[i] is not null and o_status[i] is null and not ledger_claim(scopes[i], 'reference authorization ' || refs[i]) then
        o_status[i] := 409;
        o_body[i] := ledger_problem(problems, 'request_in_progress', 'An authorization with this reference is still running', instances[i], request_ids[i]);
      end if;
    end loop;
    for r in
      select k.n, h.owner_id, h.currency, h.amount::numeric / 10::numeric ^ h.exponent::numeric as amount, ledger_authorization_json(h) as json
      from unnest(scopes, refs) with ordinality as k (scope, reference_id, n)
      join ledger_holds as h on h.scope = k.scope and h.reference_id = k.reference_id
      union all
      select k.n, d.owner_id, d.currency, d.amount, ledger_decline_json(d.id, d.owner_id, d.amount, d.currency, d.reason, d.reference_id, d.group_id, d.decided_at, '', d.external_user_id)
      from unnest(scopes, refs) with ordinality as k (scope, reference_id, n)
      join ledger_declines as d on d.scope = k.scope and d.reference_id = k.reference_id
    loop
      continue when o_status[r.n] is not null;
      if r.owner_id = owners[r.n] and r.currency = currencies[r.n] and r.amount = amounts[r.n] then
        o_status[r.n] := 200; o_body[r.n] := r.json; o_replayed[r.n] := true;
      else
        o_status[r.n] := 409;
        o_body[r.n] := ledger_problem(problems, 'reference_reused', 'This reference belongs to another authorization', instances[r.n], request_ids[r.n], ledger_field_error('/referenceId', 'was used for another authorization'));
      end if;
    end loop;
  end if;

  for r in
    select k.ns, k.amount, a.id, a.status, a.exponent, a.currency, a.version, a.updated_at, a.debits_pending,
      a.credit_limit + a.credits_posted - a.debits_posted as unheld, a.velocity_since, a.velocity_holds, a.velocity_total
    from (
      select q.owner_id, q.currency, array_agg(q.n::integer order by q.n) as ns, sum(greatest(q.amount, 0)) as amount
      from unnest(owners, currencies, amounts, o_status) with ordinality as q (owner_id, currency, amount, status, n)
      where q.status is null
      group by q.owner_id, q.currency
    ) as k
    join ledger_accounts as a
      on a.owner_id = k.owner_id and a.currency = k.currency and a.kind = 'credit_line' and a.status <> 'closed'
    order by a.id
    for no key update of a
  loop
    -- Under the lock: what another transaction recorded on this account lies before.
    moment := greatest(clock_timestamp(), r.updated_at, moment);
    held := r.debits_pending; version := r.version;
    lately := least(r.velocity_holds, 1000000000); spent := r.velocity_total; since := r.velocity_since;
    most := velocity_amount * 10::numeric ^ r.exponent::numeric;
    if (
      coalesce(since <= moment - make_interval(secs => velocity_seconds), false)
      and coalesce(lately + cardinality(r.ns) <= velocity_count, true)
      and coalesce(spent + r.amount * 10::numeric ^ r.exponent::numeric <= most, true)
    ) is not true and (velocity_count is not null or velocity_amount is not null) then
      since := moment - make_interval(secs => velocity_seconds);
      select count(*), coalesce(sum(h.amount), 0) into lately, spent
      from ledger_holds as h
      where h.account_id = r.id and h.placed_at > since;
    end if;
    foreach i in array r.ns loop
      extra := ''; reason := null;
      scaled := amounts[i] * 10::numeric ^ r.exponent::numeric;
      if scaled <> trunc(scaled) then
        o_status[i] := 422;
        o_body[i] := ledger_problem(problems, 'validation_failed', 'The body breaks a rule: see errors', instances[i], request_ids[i], ledger_field_error('/amount', r.currency || ' has ' || r.exponent || ' decimal places'));
        continue;
      elsif scaled <= 0 or scaled > 1000000000000000 then
        o_status[i] := 422;
        o_body[i] := ledger_problem(problems, 'validation_failed', 'The body breaks a rule: see errors', instances[i], request_ids[i], ledger_field_error('/amount', 'must be greater than 0 and at most ' || ledger_decimal(1000000000000000, r.exponent)));
        continue;
      end if;
      -- Those of this batch are counted where they may matter.
      if groups[i] is not null and ledger_group_size(scopes[i], groups[i]) + approved >= 1000 and 1000 <= (
        select ledger_group_size(scopes[i], groups[i]) + count(*) from unnest(scopes, groups, o_version) as b (scope, group_id, version)
        where b.scope = scopes[i] and b.group_id = groups[i] and b.version is not null
      ) then
        o_status[i] := 422;
        o_body[i] := ledger_problem(problems, 'validation_failed', 'The body breaks a rule: see errors', instances[i], request_ids[i], ledger_field_error('/groupId', 'has 1000 authorizations, the most that are settled together: begin another group'));
        continue;
      end if;
      minor := scaled;
      available := r.unheld - held;
      o_account[i] := r.id; o_moment[i] := moment; o_status[i] := 201;
      if r.status <> 'open' then
        reason := 'account_frozen';
      elsif amounts[i] > max_amount then
        reason := 'amount_too_high';
      elsif lately >= velocity_count or spent + minor > most then
        reason := 'velocity_exceeded';
      elsif available < minor then
        reason := 'insufficient_credit';
        -- For the person; a partner is not told what somebody else still has.
        if scopes[i] like 'user:%' then extra := ',"available":"' || ledger_decimal(greatest(available, 0), r.exponent) || '"'; end if;
      end if;
      if reason is null then
        held := held + minor; version := version + 1; lately := lately + 1; spent := spent + minor;
        approved := approved + 1;
        o_version[i] := version; o_minor[i] := minor; o_exponent[i] := r.exponent;
        o_body[i] := ledger_authorization_json(
          ids[i], 'open', owners[i], r.id, minor, 0, 0, r.exponent, r.currency, refs[i], groups[i], moment,
          moment + make_interval(secs => seconds[i]), externals[i]
        );
      else
        declined := declined + 1;
        o_reason[i] := reason;
        o_body[i] := ledger_decline_json(ids[i], owners[i], amounts[i], r.currency, reason, refs[i], groups[i], moment, extra, externals[i]);
      end if;
    end loop;
    if version > r.version then
      u_account := u_account || r.id; u_held := u_held || held; u_version := u_version || version; u_moment := u_moment || moment;
      u_since := u_since || since; u_lately := u_lately || lately; u_spent := u_spent || least(spent, 4000000000000000000);
    end if;
  end loop;

  for i in 1..count loop
    continue when o_status[i] is not null;
    -- Without a line nobody has looked at the amount.
    if amounts[i] <= 0 then
      o_status[i] := 422;
      o_body[i] := ledger_problem(problems, 'validation_failed', 'The body breaks a rule: see errors', instances[i], request_ids[i], ledger_field_error('/amount', 'must be greater than 0'));
      continue;
    end if;
    declined := declined + 1;
    o_status[i] := 201; o_moment[i] := moment; o_reason[i] := 'no_credit_line';
    o_body[i] := ledger_decline_json(ids[i], owners[i], amounts[i], currencies[i], 'no_credit_line', refs[i], groups[i], moment, '', externals[i]);
  end loop;

  if keys is not null then
    insert into idempotency_keys (caller_id, idempotency_key, request_hash, response_status, response_body)
    select u.scope, u.key, u.hash, u.status, u.body
    from unnest(scopes, keys, hashes, o_status, o_body, o_remembered) as u (scope, key, hash, status, body, replayed)
    where u.key is not null and not u.replayed and u.status not in (401, 409, 429) and u.status < 500
      and (u.status <> 422 or u.body not like '{"type":"/problems/idempotency_key_reused"%');
  end if;

  if approved > 0 then
    update ledger_accounts as a set debits_pending = u.held, version = u.version, updated_at = u.moment,
      velocity_since = u.since, velocity_holds = u.lately, velocity_total = u.spent
    from unnest(u_account, u_held, u_version, u_moment, u_since, u_lately, u_spent)
      as u (id, held, version, moment, since, lately, spent)
    where a.id = u.id;
    insert into ledger_holds (
      id, account_id, owner_id, amount, open, exponent, currency, scope, reference_id, group_id, placed_version, placed_at,
      expires_at, updated_at, headers, external_user_id
    )
    select u.id, u.account_id, u.owner_id, u.minor, u.minor, u.exponent, u.currency, u.scope, u.reference_id, u.group_id,
      u.version, u.moment, u.moment + make_interval(secs => u.seconds), u.moment, u.headers, u.external_user_id
    from unnest(
      ids, o_account, owners, o_minor, o_exponent, currencies, scopes, refs, groups, o_version, o_moment, seconds,
      headers, externals
    ) as u (
      id, account_id, owner_id, minor, exponent, currency, scope, reference_id, group_id, version, moment, seconds, headers,
      external_user_id
    )
    where u.version is not null;
    if automatic is not null then
      insert into ledger_sagas (id, step, step_deadline, next_attempt_at, created_at, updated_at)
      select u.id, 'post', u.moment + make_interval(secs => saga_step_seconds), u.moment, u.moment, u.moment
      from unnest(ids, automatic, o_version, o_moment) as u (id, automatic, version, moment)
      where u.automatic and u.version is not null;
    end if;
  end if;
  if declined > 0 then
    insert into ledger_declines (id, owner_id, account_id, reason, amount, currency, scope, reference_id, group_id, decided_at, external_user_id)
    select u.id, u.owner_id, u.account_id, u.reason, u.amount, u.currency, u.scope, u.reference_id, u.group_id, u.moment,
      u.external_user_id
    from unnest(ids, owners, o_account, o_reason, amounts, currencies, scopes, refs, groups, o_moment, externals)
      as u (id, owner_id, account_id, reason, amount, currency, scope, reference_id, group_id, moment, external_user_id)
    where u.reason is not null;
  end if;
  if approved + declined > 0 then
    insert into outbox (subject, message_id, payload, headers)
    select 'authorization.' || e.event, 'authorization.' || e.event || ':' || u.id::text,
      jsonb_build_object(
        'authorizationId', u.id, 'userId', u.owner_id, 'accountId', u.account_id, 'accountVersion', u.version,
        'amount', coalesce(ledger_decimal(u.minor, u.exponent), u.amount::text), 'currency', u.currency, 'reason', u.reason,
        'referenceId', u.reference_id, 'groupId', u.group_id, 'occurredAt', ledger_time(u.moment)
      ), coalesce(u.headers, '{}')
    from unnest(
      ids, owners, o_account, o_version, o_reason, amounts, o_minor, o_exponent, currencies, refs, groups, o_moment,
      headers
    ) as u (
      id, owner_id, account_id, version, reason, amount, minor, exponent, currency, reference_id, group_id, moment,
      headers
    )
    cross join lateral (select case when u.version is null then 'declined' else 'approved' end as event) as e
    where u.version is not null or u.reason is not null;
  end if;

  for i in 1..count loop
    n := i; status := o_status[i]; body := o_body[i]; replayed := o_replayed[i];
    return next;
  end loop;
end
$$;
