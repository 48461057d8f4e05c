-- Of each hold, captured + voided + expired + open is what was authorized, and captured is what its captures took
with captures as (
  select t.hold_id, sum(t.amount) as amount, bool_and(source_account_id = h.account_id) as same_account
  from ledger_transfers as t
  left join ledger_holds as h on h.id = t.hold_id
  where t.hold_id is not null and t.status in ('complete', 'rollback')
  group by t.hold_id
)
select hold_id::text as subject,
  'authorized ' || coalesce(h.amount::text, 'nothing') || ', captured ' || coalesce(h.captured, 0) || ', voided '
    || coalesce(h.voided, 0) || ', expired ' || coalesce(h.expired, 0) || ', open ' || coalesce(h.open, 0)
    || ', its captures took ' || coalesce(c.amount, 0) as detail
from (
  select id as hold_id, status, amount, captured, voided, expired, open, placed_at, expires_at, closed_xid from ledger_holds
) as h
full join captures as c using (hold_id)
where h.captured is distinct from coalesce(c.amount, 0)
  or h.captured + h.voided + h.expired + h.open <> h.amount
  or c.same_account is false
  or h.status not in ('open', 'captured', 'voided', 'expired')
  or (h.status = 'open') <> (h.open > 0)
  or h.status = 'open' and (h.voided + h.expired > 0 or h.closed_xid is not null)
  or least(h.captured, h.voided, h.expired, h.open) < 0
  or h.expires_at <= h.placed_at
