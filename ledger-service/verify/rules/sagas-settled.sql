-- A saga that is completed has captured its hold, and one that is compensated has left nothing of it open
--
-- What is due counts as given back: it is expired within moments, and nobody can take it any more.
select s.id::text as subject,
  'is ' || s.state || ', the hold ' || coalesce(h.status || ' with ' || h.captured || ' captured and ' || h.open || ' open', 'is not there')
    as detail
from ledger_sagas as s
left join ledger_holds as h on h.id = s.id
where h.id is null
  or s.state = 'completed' and h.status <> 'captured'
  or s.state = 'compensated' and not (h.status in ('voided', 'expired') or h.expires_at <= clock_timestamp())
