-- Each account has the status that was last set, and the parts that it was opened with
select a.id::text as subject,
  'is ' || a.status || ', last set to ' || coalesce(c.status, 'nothing') || '; has ' || p.parts || ' parts up to '
    || p.last || ' instead of ' || a.sub_balances as detail
from ledger_accounts as a
left join (
  select distinct on (account_id) account_id, status from ledger_account_changes order by account_id, version desc
) as c on c.account_id = a.id
cross join lateral (
  select count(*) as parts, coalesce(max(b.sub), 0) as last from ledger_sub_balances as b where b.account_id = a.id
) as p
where a.status is distinct from c.status or p.parts <> a.sub_balances or p.last <> a.sub_balances
