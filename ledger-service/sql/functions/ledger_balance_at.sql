-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

create or replace function ledger_balance_at(account uuid, at timestamptz, effective boolean) returns numeric
language sql stable
return (
  select coalesce(sum(e.balance_after), 0)
  from ledger_accounts as a
  cross join generate_series(least(a.sub_balances, 1), a.sub_balances) as part
  join ledger_entries as e
    on e.account_id = a.id and e.sub = part and e.version = ledger_version_at(a.id, part::smallint, at)
  where a.id = account
) + case when not effective then 0 else (
  select coalesce(sum(case when e.recorded_at <= at then -e.amount else e.amount end), 0)
  from ledger_entries as e
  where e.account_id = account and e.effective_at is not null and (e.recorded_at <= at) <> (e.effective_at <= at)
) end;
