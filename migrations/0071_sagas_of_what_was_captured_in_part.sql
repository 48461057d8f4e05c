-- A purchase that was captured in part stands, also when the rest was given back: sagas that ended as undone all the same
-- are confirmed, which tells the person and everybody else.

update ledger_sagas as s
set state = 'running', step = 'confirm', pivoted = true, attempts = 0, last_error = null, lease = s.lease + 1,
  lease_owner = null, lease_until = null, next_attempt_at = clock_timestamp(),
  step_deadline = clock_timestamp() + interval '1 minute', updated_at = clock_timestamp()
from ledger_holds as h
where h.id = s.id and s.state = 'compensated' and h.captured > 0;
