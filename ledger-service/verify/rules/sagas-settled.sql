-- A saga that is completed has captured of its hold, one that is compensated nothing, and neither has left any of it open
--
-- What is due counts as given back: it is expired within moments, and nobody can take it any more.
select s.id::text as subject,
  'is ' || s.state || ', the hold ' || coalesce(h.status || ' with ' || h.captured || ' captured and ' || h.open || ' open', 'is not there')
    as detail
from ledger_sagas as s
left join ledger_holds as h on h.id = s.id
where h.id is null
  or s.state = 'completed' and h.captured = 0
  or s.state = 'compensated' and h.captured > 0
  or s.state in ('completed', 'compensated') and h.open > 0 and h.expires_at > clock_timestamp()
