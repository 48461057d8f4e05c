-- Stored counters are the sums of the entries, and their difference the last balance-after
with stored as (
  select id as account_id, 0::smallint as sub, debits_posted, credits_posted from ledger_accounts
  union all
  select account_id, sub, debits_posted, credits_posted from ledger_sub_balances
),
replayed as (
  select account_id, sub, -sum(least(amount, 0)) as debits, sum(greatest(amount, 0)) as credits,
    (array_agg(balance_after order by version desc))[1] as last_balance
  from ledger_entries
  group by account_id, sub
)
select account_id::text || case when sub > 0 then ' sub ' || sub else '' end as subject,
  'stored debits ' || coalesce(s.debits_posted::text, 'none') || ' and credits ' || coalesce(s.credits_posted::text, 'none')
    || ', entries ' || coalesce(r.debits, 0) || ' and ' || coalesce(r.credits, 0)
    || ', last balance ' || coalesce(r.last_balance, 0) as detail
from stored as s
full join replayed as r using (account_id, sub)
where s.debits_posted is distinct from coalesce(r.debits, 0)
  or s.credits_posted is distinct from coalesce(r.credits, 0)
  or s.credits_posted - s.debits_posted is distinct from coalesce(r.last_balance, 0)
