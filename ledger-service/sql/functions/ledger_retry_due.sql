-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

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
