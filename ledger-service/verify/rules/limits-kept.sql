-- No transfer and no hold ever took an account over the limit of its time
--
-- Replays what was in use after each version. A capture turns pending into posted and so uses no more; what a hold
-- gives back goes with its closing version or, after a final capture, with its last capture's.
with captures as (
  select t.hold_id, t.source_account_id as account_id, t.source_version as version, t.amount
  from ledger_transfers as t
  where t.hold_id is not null and t.source_version is not null
),
deltas as (
  select account_id, version, -amount as delta from ledger_entries where sub = 0
  union all
  select account_id, version, -amount from captures
  union all
  select account_id, placed_version, amount from ledger_holds
  union all
  select h.account_id, coalesce(h.closed_version, (select max(c.version) from captures as c where c.hold_id = h.id)),
    -(h.voided + h.expired)
  from ledger_holds as h
  where h.voided + h.expired > 0
),
changes as (
  select account_id, version, sum(delta) as delta from deltas group by account_id, version
),
limits as (
  select account_id, version, credit_limit,
    lead(version, 1, 9223372036854775807) over (partition by account_id order by version) as until
  from ledger_account_changes
  where change in ('opened', 'limit')
),
replayed as (
  select c.account_id, c.version, c.delta,
    sum(c.delta) over (partition by c.account_id order by c.version) as in_use
  from changes as c
)
select r.account_id::text || ' version ' || r.version as subject,
  r.in_use || ' in use, the limit was ' || l.credit_limit as detail
from replayed as r
join limits as l on l.account_id = r.account_id and r.version >= l.version and r.version < l.until
where r.delta > 0 and r.in_use > l.credit_limit
union all
select a.id::text, 'stored limit ' || coalesce(a.credit_limit::text, 'none') || ', last set to '
  || coalesce(l.credit_limit::text, 'none')
from ledger_accounts as a
left join limits as l on l.account_id = a.id and l.until = 9223372036854775807
where a.credit_limit is distinct from l.credit_limit
union all
-- What was in use above a limit when that was lowered falls as the use does, and is never more than what is still used.
select a.id::text, a.debits_posted + a.debits_pending - a.credits_posted || ' in use of the limit '
  || coalesce(a.credit_limit::text, 'none') || ', and ' || a.overlimit || ' of it allowed above'
from ledger_accounts as a
where a.overlimit <> greatest(a.debits_posted + a.debits_pending - a.credits_posted - a.credit_limit, 0)
