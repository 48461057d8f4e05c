-- What each line has counted for the velocity rule is no less than the holds placed on it since
select a.id::text as subject,
  'counted ' || a.velocity_holds || ' holds of ' || a.velocity_total || ' since ' || a.velocity_since || ', there are '
    || count(*) || ' of ' || sum(h.amount) as detail
from ledger_accounts as a
join ledger_holds as h on h.account_id = a.id and h.placed_at > a.velocity_since
group by a.id
having a.velocity_holds < least(count(*), 1000000000) or a.velocity_total < least(sum(h.amount), 4000000000000000000)
