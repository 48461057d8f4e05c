-- As 0060, for batches, reverts, cancellations and what waits: tried again, a transfer carries what its order came with.

drop function ledger_post_bulk;
-- Many transfers under one key: all or nothing when atomic, else each by itself; each item's key is remembered too.
create function ledger_post_bulk(
  batch_scope text, batch_key text, batch_hash bytea, batch_instance text, batch_request_id text, batch_atomic boolean,
  accounts uuid[], ids uuid[], sources integer[], destinations integer[], amounts numeric[], types text[], scopes text[],
  keys text[], hashes bytea[], owners uuid[], currencies text[], refs text[], descriptions text[],
  effective timestamptz[], problems text, batch_headers jsonb default null
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
    request_ids => array_fill(batch_request_id, array[cardinality(ids)]),
    headers => array_fill(batch_headers, array[cardinality(ids)])
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
  -- Where nothing was made, items that a moment later may go through keep the batch from being remembered.
  if (status <> 422 and moved > 0) or items not like '%"status":409,%' then
    perform ledger_keep_answer(batch_scope, batch_key, batch_hash, status, body);
  end if;
  return next;
end
$$;

drop function ledger_revert;
-- Moves a transfer's amount back, once.
create function ledger_revert(
  transfer_id uuid, new_id uuid, description text, scope text, key text, hash bytea, instance text, request_id text,
  problems text, headers jsonb default null
) returns table (status smallint, body text, replayed boolean)
language plpgsql as $$
#variable_conflict use_variable
declare
  t ledger_transfers;
  r record;
begin
  -- Of two at once the second waits here, where it holds nothing else: between accounts in parts no other lock is theirs both.
  select f.* into t from ledger_transfers as f where f.id = transfer_id for no key update;
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
        descriptions => array[description], reverts => array[transfer_id], problems => problems,
        headers => array[headers]
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

drop function ledger_cancel;
-- Calls back a transfer that waits for funds or for its time: operators any, others what they ordered themselves.
-- A retry holds the row while it posts, and is waited for. Nothing is waited for after that, so nothing can deadlock.
create function ledger_cancel(
  transfer_id uuid, scope text, key text, hash bytea, instance text, request_id text, problems text,
  headers jsonb default null
) returns table (status smallint, body text, replayed boolean)
language plpgsql as $$
#variable_conflict use_variable
declare
  t ledger_transfers;
  r record;
begin
  select f.* into r from ledger_known_answer(scope, key, hash, instance, request_id, problems) as f;
  if found then
    return query select r.status, r.body, r.replayed;
    return;
  end if;
  replayed := false;
  select f.* into t from ledger_transfers as f where f.id = transfer_id for update;
  if t.id is null or (scope <> 'platform' and t.scope <> scope) then
    status := 404;
    body := ledger_problem(problems, 'transfer_not_found', 'There is no such transfer', instance, request_id);
  elsif t.status <> 'pending' then
    status := 409;
    body := ledger_problem(problems, 'transfer_not_pending', 'The transfer is ' || t.status || ': nothing waits', instance, request_id);
  else
    update ledger_transfers as f
    set status = 'failed', failure_code = 'cancelled', next_attempt_at = null, last_attempt_at = clock_timestamp()
    where f.id = transfer_id
    returning f.* into t;
    insert into outbox (subject, message_id, payload, headers)
    values ('transaction.failed', 'transaction.failed:' || t.id::text, jsonb_strip_nulls(jsonb_build_object(
      'transferId', t.id, 'type', t.type, 'status', t.status, 'sourceAccountId', t.source_account_id,
      'destinationAccountId', t.destination_account_id, 'amount', ledger_decimal(t.amount, t.exponent),
      'currency', t.currency, 'referenceId', t.reference_id, 'failureReason', t.failure_code,
      'occurredAt', ledger_time(t.last_attempt_at)
    )), coalesce(headers, '{}'));
    status := 200;
    body := ledger_transfer_json(t);
  end if;
  perform ledger_keep_answer(scope, key, hash, status, body);
  return next;
end
$$;

-- Tries transfers that wait once more. Whoever claims one holds its row; nobody waits for it.
create or replace function ledger_retry_due(most integer, give_up_after interval, problems text) returns integer
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
    waits => array(select coalesce(d.waits_from > clock_timestamp() - give_up_after, false) from unnest(due) as d),
    retrying => true, problems => problems, headers => array(select d.headers from unnest(due) as d)
  ) as p;
  return cardinality(due);
end
$$;
