-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- Decides on purchases, in their order, each with an outcome of its own: see ledger_authorize_many for what goes in.
create or replace function ledger_authorize(
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
language plpgsql as $$
#variable_conflict use_variable
begin
  if cardinality(ids) = 1 then
    return query
      select 1, o.status, o.body, o.replayed
      from ledger_authorize_one(
        ids[1], owners[1], amounts[1], currencies[1], scopes[1], seconds[1], keys[1], hashes[1], request_ids[1],
        instances[1], refs[1], groups[1], automatic[1], partners[1], externals[1], max_amount, velocity_seconds,
        velocity_count, velocity_amount, saga_step_seconds, problems, headers[1]
      ) as o;
    return;
  end if;
  return query
    select p.n, p.status, p.body, p.replayed
    from ledger_authorize_many(
      ids, owners, amounts, currencies, scopes, seconds, keys, hashes, request_ids, instances, refs, groups, automatic,
      partners, externals, max_amount, velocity_seconds, velocity_count, velocity_amount, saga_step_seconds, problems,
      headers
    ) as p;
end
$$;
