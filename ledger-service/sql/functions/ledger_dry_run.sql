-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- What transfers would be answered: as ledger_post, and nothing is written, locked or waited for.
create or replace function ledger_dry_run(
  accounts uuid[], ids uuid[], sources integer[], destinations integer[], amounts numeric[], types text[], scopes text[],
  keys text[] default null, hashes bytea[] default null, request_ids text[] default null, instances text[] default null,
  owners uuid[] default null, currencies text[] default null, refs text[] default null, descriptions text[] default null,
  effective timestamptz[] default null, reverts uuid[] default null, waits boolean[] default null,
  not_before timestamptz[] default null, problems text default '{}'
) returns table (n integer, status smallint, body text, replayed boolean)
language plpgsql as $$
#variable_conflict use_variable
begin
  perform set_config('ledger.looks_only', 'on', true);
  return query
    select p.n, p.status, p.body, p.replayed
    from ledger_post(
      accounts, ids, sources, destinations, amounts, types, scopes, keys, hashes, request_ids, instances, owners,
      currencies, refs, descriptions, effective, reverts, waits, not_before, dry => true, problems => problems
    ) as p;
  perform set_config('ledger.looks_only', 'off', true);
end
$$;
