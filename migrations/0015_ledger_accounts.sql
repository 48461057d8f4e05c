-- Accounts are opened, changed and looked back at; transfers are reverted, sent in bulk and tried again.

-- An account as the API shows it; a hot one's counters are the sums of its parts.
create function ledger_account_json(a ledger_accounts) returns text
language sql stable parallel safe
return (
  select '{"id":"' || a.id::text || '"' || coalesce(',"externalId":' || to_json(a.external_id)::text, '')
    || ',"kind":"' || a.kind || '","status":"' || a.status || '","currency":"' || a.currency || '"'
    || coalesce(',"ownerId":"' || a.owner_id::text || '"', '') || coalesce(',"name":' || to_json(a.name)::text, '')
    || ',"balance":"' || ledger_decimal(t.credits - t.debits, a.exponent) || '"'
    || coalesce(',"creditLimit":"' || ledger_decimal(case when a.kind = 'credit_line' then a.credit_limit end, a.exponent) || '"', '')
    || coalesce(',"available":"' || ledger_decimal(greatest(a.credit_limit + t.credits - t.debits - t.held, 0), a.exponent) || '"', '')
    || ',"debitsPosted":"' || ledger_decimal(t.debits, a.exponent) || '","creditsPosted":"' || ledger_decimal(t.credits, a.exponent)
    || '","debitsPending":"' || ledger_decimal(t.held, a.exponent) || '","creditsPending":"' || ledger_decimal(t.expected, a.exponent)
    || '","version":' || t.version::text
    || ',"createdAt":"' || ledger_time(a.created_at) || '","updatedAt":"' || ledger_time(t.updated_at) || '"}'
  from (
    select a.debits_posted + coalesce(sum(b.debits_posted), 0)::bigint as debits,
      a.credits_posted + coalesce(sum(b.credits_posted), 0)::bigint as credits,
      a.debits_pending + coalesce(sum(b.debits_pending), 0)::bigint as held,
      a.credits_pending + coalesce(sum(b.credits_pending), 0)::bigint as expected,
      a.version + coalesce(sum(b.version), 0)::bigint as version,
      greatest(a.updated_at, max(b.updated_at)) as updated_at
    from ledger_sub_balances as b
    where b.account_id = a.id
  ) as t
);

-- What was answered under a key before: no row if nothing was, 'in progress' while somebody else is at it.
create function ledger_known_answer(
  scope text, key text, hash bytea, instance text, request_id text, problems text
) returns table (status smallint, body text, replayed boolean)
language plpgsql as $$
declare
  r record;
begin
  if key is null then return; end if;
  if not ledger_claim(scope, key) then
    return query select 409::smallint, ledger_problem(problems, 'request_in_progress', 'A request with this Idempotency-Key is still running', instance, request_id), false;
    return;
  end if;
  select f.* into r from idempotency_keys as f where f.caller_id = scope and f.idempotency_key = key;
  if not found then return; end if;
  if r.request_hash <> hash then
    return query select 422::smallint, ledger_problem(problems, 'idempotency_key_reused', 'This Idempotency-Key was used for another request', instance, request_id), false;
    return;
  end if;
  return query select r.response_status, r.response_body, true;
end
$$;

-- Keeps an answer under its key: 2xx and refusals for business reasons, nothing that a repeat may change.
create function ledger_keep_answer(scope text, key text, hash bytea, status smallint, body text) returns void
language sql volatile
begin atomic
  insert into idempotency_keys (caller_id, idempotency_key, request_hash, response_status, response_body)
  select scope, key, hash, status, body
  where key is not null and status < 500 and status not in (401, 409, 429);
end;

-- Opens an account, and gives it an opening balance by a transfer from another; both or neither.
-- opening and credit_limit are decimals. payer: a user who may only give from wallets of their own.
create function ledger_open_account(
  id uuid, external_id text, kind text, currency text, exponent smallint, owner_id uuid, name text,
  credit_limit numeric, sub_balances smallint, actor text,
  funding_id uuid, opening numeric, transfer_id uuid, payer uuid,
  scope text, key text, hash bytea, instance text, request_id text, problems text, offer_id uuid default null
) returns table (status smallint, body text, replayed boolean)
language plpgsql as $$
#variable_conflict use_variable
declare
  moment timestamptz := clock_timestamp();
  made boolean;
  r record;
begin
  select f.* into r from ledger_known_answer(scope, key, hash, instance, request_id, problems) as f;
  if found then
    return query select r.status, r.body, r.replayed;
    return;
  end if;
  begin
    insert into ledger_accounts (
      id, external_id, kind, currency, exponent, owner_id, name, offer_id, sub_balances, credit_limit, created_at, updated_at
    ) values (
      id, external_id, kind, currency, exponent, owner_id, name, offer_id, sub_balances,
      case when kind = 'wallet' then 0 else (credit_limit * 10::numeric ^ exponent::numeric)::bigint end, moment, moment
    )
    on conflict do nothing
    returning true into made;
    if made is null then
      status := 409;
      body := ledger_problem(problems, 'account_exists', 'There is such an account already', instance, request_id);
      raise exception using errcode = 'LR001';
    end if;
    insert into ledger_sub_balances (account_id, sub, updated_at)
    select id, n, moment from generate_series(1, sub_balances) as n;
    insert into ledger_account_changes (account_id, version, change, credit_limit, status, actor, recorded_at)
    select a.id, 1, 'opened', a.credit_limit, a.status, actor, moment from ledger_accounts as a where a.id = id;
    insert into outbox (subject, message_id, payload)
    values ('account.created', 'account.created:' || id::text, jsonb_strip_nulls(jsonb_build_object(
      'accountId', id, 'version', 1, 'kind', kind, 'currency', currency, 'ownerId', owner_id, 'externalId', external_id,
      'creditLimit', round(credit_limit, exponent)::text, 'offerId', offer_id, 'occurredAt', ledger_time(moment)
    )));
    if opening > 0 then
      select p.status, p.body into status, body
      from ledger_post(
        accounts => array[least(funding_id, id), greatest(funding_id, id)], ids => array[transfer_id],
        sources => array[case when funding_id < id then 1 else 2 end],
        destinations => array[case when funding_id < id then 2 else 1 end],
        amounts => array[opening], types => array['opening'], scopes => array[scope], owners => array[payer],
        instances => array[instance], request_ids => array[request_id], atomic => true, problems => problems
      ) as p;
      if status <> 201 then
        body := replace(replace(body, '"/sourceAccountId"', '"/fundingAccountId"'), '"/amount"', '"/openingBalance"');
        raise exception using errcode = 'LR001';
      end if;
    end if;
    status := 201;
    select ledger_account_json(a) into body from ledger_accounts as a where a.id = id;
  exception when sqlstate 'LR001' then
    -- Undone; status and body say why.
  end;
  perform ledger_keep_answer(scope, key, hash, status, body);
  replayed := false;
  return next;
end
$$;

-- Changes an account's limit (a decimal) or its status, if it still has the version that the caller has seen.
create function ledger_change_account(
  id uuid, expected bigint, new_limit numeric, new_status text, actor text, reason text,
  instance text, request_id text, problems text
) returns table (status smallint, body text, version bigint)
language plpgsql as $$
#variable_conflict use_variable
declare
  a ledger_accounts;
  moment timestamptz;
  minor bigint;
  code text; detail text; extra text := '';
  parts bigint; in_use boolean;
begin
  select l.* into a from ledger_accounts as l where l.id = id for no key update;
  select coalesce(sum(b.version), 0), coalesce(bool_or(
      b.debits_posted <> b.credits_posted or b.debits_pending > 0 or b.credits_pending > 0), false)
    into parts, in_use from ledger_sub_balances as b where b.account_id = id;
  minor := (new_limit * 10::numeric ^ a.exponent::numeric);
  if a.id is null then
    code := 'account_not_found'; detail := 'There is no such account';
  elsif a.version + parts <> expected then
    code := 'version_mismatch'; detail := 'The account is at version ' || (a.version + parts); extra := ',"version":' || (a.version + parts);
  elsif a.status = 'closed' then
    code := 'account_not_open'; detail := 'A closed account does not change';
  elsif new_limit is not null and a.kind <> 'credit_line' then
    code := 'validation_failed'; detail := 'The body breaks a rule: see errors'; extra := ledger_field_error('/creditLimit', 'is of credit lines alone');
  elsif new_limit is not null and minor <> new_limit * 10::numeric ^ a.exponent::numeric then
    code := 'validation_failed'; detail := 'The body breaks a rule: see errors'; extra := ledger_field_error('/creditLimit', a.currency || ' has ' || a.exponent || ' decimal places');
  elsif new_status = 'closed' and (
    in_use or a.debits_posted <> a.credits_posted or a.debits_pending > 0 or a.credits_pending > 0
  ) then
    code := 'account_in_use'; detail := 'An account is closed when its balance is 0 and nothing is on hold';
  end if;
  if code is not null then
    status := ((problems::jsonb) -> code ->> 'status')::smallint;
    body := ledger_problem(problems, code, detail, instance, request_id, extra);
    return next;
    return;
  end if;
  moment := greatest(clock_timestamp(), a.updated_at);
  update ledger_accounts as l
  set credit_limit = coalesce(minor, l.credit_limit), status = coalesce(new_status, l.status),
    -- What is used above the new limit stays, and nothing new fits.
    overlimit_use = case
      when l.credit_limit is null then 0
      when l.debits_posted + l.debits_pending - l.credits_posted > coalesce(minor, l.credit_limit)
      then l.debits_posted + l.debits_pending - l.credits_posted
      else 0
    end,
    version = l.version + 1, updated_at = moment
  where l.id = id
  returning l.* into a;
  insert into ledger_account_changes (account_id, version, change, credit_limit, status, actor, reason, recorded_at)
  values (id, a.version, case when minor is null then 'status' else 'limit' end, a.credit_limit, a.status, actor, reason, moment);
  insert into outbox (subject, message_id, payload)
  values ('account.updated', 'account.updated:' || id::text || ':' || a.version::text, jsonb_strip_nulls(jsonb_build_object(
    'accountId', id, 'version', a.version, 'status', a.status, 'currency', a.currency,
    'creditLimit', ledger_decimal(case when a.kind = 'credit_line' then a.credit_limit end, a.exponent),
    'ownerId', a.owner_id, 'reason', reason, 'occurredAt', ledger_time(moment)
  )));
  status := 200; body := ledger_account_json(a); version := a.version + parts;
  return next;
end
$$;

-- Moves a transfer's amount back, once.
create function ledger_revert(
  transfer_id uuid, new_id uuid, description text, scope text, key text, hash bytea, instance text, request_id text,
  problems text
) returns table (status smallint, body text, replayed boolean)
language plpgsql as $$
#variable_conflict use_variable
declare
  t ledger_transfers;
  r record;
begin
  select f.* into t from ledger_transfers as f where f.id = transfer_id;
  if t.id is not null then
    return query
      select p.status, p.body, p.replayed
      from ledger_post(
        accounts => array[least(t.source_account_id, t.destination_account_id), greatest(t.source_account_id, t.destination_account_id)],
        ids => array[new_id],
        sources => array[case when t.destination_account_id < t.source_account_id then 1 else 2 end],
        destinations => array[case when t.destination_account_id < t.source_account_id then 2 else 1 end],
        amounts => array[t.amount / 10::numeric ^ t.exponent::numeric], types => array['revert'], scopes => array[scope],
        keys => array[key], hashes => array[hash], instances => array[instance], request_ids => array[request_id],
        descriptions => array[description], reverts => array[transfer_id], problems => problems
      ) as p;
    return;
  end if;
  select f.* into r from ledger_known_answer(scope, key, hash, instance, request_id, problems) as f;
  if found then
    return query select r.status, r.body, r.replayed;
    return;
  end if;
  status := 404; replayed := false;
  body := ledger_problem(problems, 'transfer_not_found', 'There is no such transfer', instance, request_id);
  perform ledger_keep_answer(scope, key, hash, status, body);
  return next;
end
$$;

-- Many transfers under one key: all or nothing when atomic, else each by itself; each item's key is remembered too.
create function ledger_post_bulk(
  batch_scope text, batch_key text, batch_hash bytea, batch_instance text, batch_request_id text, batch_atomic boolean,
  accounts uuid[], ids uuid[], sources integer[], destinations integer[], amounts numeric[], types text[], scopes text[],
  keys text[], hashes bytea[], owners uuid[], currencies text[], refs text[], descriptions text[],
  effective timestamptz[], problems text
) returns table (status smallint, body text, replayed boolean)
language plpgsql as $$
#variable_conflict use_variable
declare
  r record;
  items text; refused integer; moved integer;
begin
  select f.* into r from ledger_known_answer(batch_scope, batch_key, batch_hash, batch_instance, batch_request_id, problems) as f;
  if found then
    return query select r.status, r.body, r.replayed;
    return;
  end if;
  select count(*) filter (where p.status >= 400), count(*) filter (where p.status = 201),
    string_agg('{"status":' || p.status || case when p.status < 400 then ',"transfer":' else ',"problem":' end || p.body || '}', ',' order by p.n)
  into refused, moved, items
  from ledger_post(
    accounts => accounts, ids => ids, sources => sources, destinations => destinations, amounts => amounts,
    types => types, scopes => scopes, keys => keys, hashes => hashes, owners => owners, currencies => currencies,
    refs => refs, descriptions => descriptions, effective => effective, atomic => batch_atomic, problems => problems,
    instances => array_fill(batch_instance, array[cardinality(ids)]),
    request_ids => array_fill(batch_request_id, array[cardinality(ids)])
  ) as p;
  replayed := false;
  if batch_atomic and refused > 0 then
    -- What would have been posted was not: only the refusals are told, by their place in the batch.
    select string_agg('{"index":' || (e.n - 1) || ',' || substr(e.item::text, 2), ',' order by e.n)
    into items from json_array_elements(('[' || items || ']')::json) with ordinality as e (item, n)
    where (e.item ->> 'status')::integer >= 400;
    status := 422;
    body := ledger_problem(problems, 'batch_refused', refused || ' of ' || cardinality(ids) || ' transfers were refused, so none was made', batch_instance, batch_request_id, ',"items":[' || items || ']');
  else
    status := case when refused = 0 then 201 else 200 end;
    body := '{"posted":' || moved || ',"refused":' || refused || ',"items":[' || items || ']}';
  end if;
  -- Items that a moment later may go through keep the batch from being remembered.
  if items not like '%{"status":409,%' then perform ledger_keep_answer(batch_scope, batch_key, batch_hash, status, body); end if;
  return next;
end
$$;

-- Tries transfers that wait once more. Whoever claims one holds its row; nobody waits for it.
create function ledger_retry_due(most integer, give_up_after interval, problems text) returns integer
language plpgsql as $$
#variable_conflict use_variable
declare
  due ledger_transfers[];
  accounts uuid[];
begin
  select array_agg(t order by t.next_attempt_at, t.id) into due
  from (
    select f.* from ledger_transfers as f
    where f.status = 'pending' and f.next_attempt_at <= clock_timestamp()
    order by f.next_attempt_at
    limit most
    for update skip locked
  ) as t;
  if due is null then return 0; end if;
  select array_agg(distinct e.id order by e.id) into accounts
  from unnest(due) as d cross join lateral (values (d.source_account_id), (d.destination_account_id)) as e (id);
  perform p.n from ledger_post(
    accounts => accounts,
    ids => array(select d.id from unnest(due) as d),
    sources => array(select array_position(accounts, d.source_account_id) from unnest(due) as d),
    destinations => array(select array_position(accounts, d.destination_account_id) from unnest(due) as d),
    amounts => array(select d.amount / 10::numeric ^ d.exponent::numeric from unnest(due) as d),
    types => array(select d.type from unnest(due) as d), scopes => array(select d.scope from unnest(due) as d),
    refs => array(select d.reference_id from unnest(due) as d),
    descriptions => array(select d.description from unnest(due) as d),
    effective => array(select d.effective_at from unnest(due) as d),
    waits => array(select d.recorded_at > clock_timestamp() - give_up_after from unnest(due) as d),
    retrying => true, problems => problems
  ) as p;
  return cardinality(due);
end
$$;

-- The last version of an account's row, or of a part of it, that an entry recorded by then carries. By halving: times
-- rise with versions.
create function ledger_version_at(account uuid, part smallint, at timestamptz) returns bigint
language plpgsql stable as $$
declare
  low bigint := 0; high bigint; middle bigint; r record;
begin
  select max(e.version) into high from ledger_entries as e where e.account_id = account and e.sub = part;
  high := coalesce(high, 0);
  while low < high loop
    middle := (low + high + 1) / 2;
    select e.version, e.recorded_at into r from ledger_entries as e
    where e.account_id = account and e.sub = part and e.version >= middle order by e.version limit 1;
    if r.recorded_at <= at then low := r.version; else high := middle - 1; end if;
  end loop;
  return low;
end
$$;

-- credits - debits posted by then, in minor units: by the time of recording, or by the effective time.
create function ledger_balance_at(account uuid, at timestamptz, effective boolean) returns bigint
language sql stable
return (
  select coalesce(sum(e.balance_after), 0)::bigint
  from ledger_accounts as a
  cross join generate_series(least(a.sub_balances, 1), a.sub_balances) as part
  join ledger_entries as e
    on e.account_id = a.id and e.sub = part and e.version = ledger_version_at(a.id, part::smallint, at)
  where a.id = account
) + case when not effective then 0 else (
  select coalesce(sum(case when e.recorded_at <= at then -e.amount else e.amount end), 0)::bigint
  from ledger_entries as e
  where e.account_id = account and e.effective_at is not null and (e.recorded_at <= at) <> (e.effective_at <= at)
) end;
