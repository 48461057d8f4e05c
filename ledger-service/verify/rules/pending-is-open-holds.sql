-- What accounts have pending is what their open holds have left
with stored as (
  select id as account_id, debits_pending, credits_pending from ledger_accounts
  union all
  select account_id, debits_pending, credits_pending from ledger_sub_balances
),
pending as (
  select account_id, sum(debits_pending) as debits, sum(credits_pending) as credits from stored group by account_id
),
open as (
  select account_id, sum(debits) as debits, sum(credits) as credits
  from (
    select account_id, open as debits, 0 as credits from ledger_holds
    union all
    select destination_account_id, 0, open from ledger_holds where destination_account_id is not null
  ) as sides
  group by account_id
)
select account_id::text as subject,
  'pending debits ' || coalesce(p.debits, 0) || ' and credits ' || coalesce(p.credits, 0) || ', open holds '
    || coalesce(o.debits, 0) || ' and ' || coalesce(o.credits, 0) as detail
from pending as p
full join open as o using (account_id)
where p.debits is distinct from coalesce(o.debits, 0) or p.credits is distinct from coalesce(o.credits, 0)
