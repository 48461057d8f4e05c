-- Versions run 1, 2, 3, … up to the stored one, each carried by exactly one row
with changes as (
  select account_id, sub, version from ledger_entries
  union all
  select account_id, 0::smallint, version from ledger_account_changes
  union all
  select account_id, 0::smallint, placed_version from ledger_holds
  union all
  select account_id, 0::smallint, closed_version from ledger_holds where closed_version is not null
),
counted as (
  select account_id, sub, count(*) as carried, count(distinct version) as different, min(version) as first,
    max(version) as last
  from changes
  group by account_id, sub
),
stored as (
  select id as account_id, 0::smallint as sub, version from ledger_accounts
  union all
  select account_id, sub, version from ledger_sub_balances
)
select account_id::text || case when sub > 0 then ' sub ' || sub else '' end as subject,
  'stored version ' || coalesce(s.version::text, 'none') || ', ' || coalesce(c.carried, 0) || ' changes carry '
    || coalesce(c.different, 0) || ' versions from ' || coalesce(c.first, 0) || ' to ' || coalesce(c.last, 0) as detail
from stored as s
full join counted as c using (account_id, sub)
where s.version is distinct from coalesce(c.carried, 0)
  or coalesce(c.different, 0) <> coalesce(c.carried, 0)
  or coalesce(c.last, 0) <> coalesce(c.carried, 0)
  or coalesce(c.first, 1) <> 1
