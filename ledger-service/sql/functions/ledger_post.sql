-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- Posts transfers, in their order, each with an outcome of its own: see ledger_post_many for what goes in, and for the
-- order of locks.
create or replace function ledger_post(
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
  problems text default '{}',
  headers jsonb[] default null
) returns table (n integer, status smallint, body text, replayed boolean)
language plpgsql
as $$
#variable_conflict use_variable
begin
  if cardinality(ids) = 1 and not (retrying or atomic or dry) and reverts is null then
    return query
      select 1, o.status, o.body, o.replayed
      from ledger_post_one(
        accounts[sources[1]], accounts[destinations[1]], ids[1], amounts[1], types[1], scopes[1], keys[1], hashes[1],
        request_ids[1], instances[1], owners[1], currencies[1], refs[1], descriptions[1], effective[1], waits[1],
        not_before[1], problems, headers[1]
      ) as o;
    return;
  end if;
  return query
    select p.n, p.status, p.body, p.replayed
    from ledger_post_many(
      accounts, ids, sources, destinations, amounts, types, scopes, keys, hashes, request_ids, instances, owners,
      currencies, refs, descriptions, effective, reverts, waits, not_before, retrying, atomic, dry, problems, headers
    ) as p;
end
$$;
