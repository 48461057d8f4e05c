-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- Many transfers under one key: all or nothing when atomic, else each by itself; each item's key is remembered too.
create or replace function ledger_post_bulk(
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
