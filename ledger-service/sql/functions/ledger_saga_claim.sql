-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- Leases sagas that are due to a worker: nobody else works on them until the lease is over. Each lease has a number, and
-- a worker whose lease was given to another one can write nothing more.
create or replace function ledger_saga_claim(worker text, lease_seconds integer, most integer)
returns table (id uuid, state text, step text, pivoted boolean, attempts integer, lease bigint, overdue boolean, headers jsonb)
language sql volatile
begin atomic
  update ledger_sagas as s
  set lease_owner = worker, lease_until = clock_timestamp() + make_interval(secs => lease_seconds), lease = s.lease + 1,
    attempts = s.attempts + 1
  from (
    select d.id from ledger_sagas as d
    where d.state in ('running', 'compensating') and d.next_attempt_at <= clock_timestamp()
      and (d.lease_until is null or d.lease_until < clock_timestamp())
    order by d.next_attempt_at
    limit most
    for update skip locked
  ) as due
  where s.id = due.id
  returning s.id, s.state, s.step, s.pivoted, s.attempts, s.lease, s.step_deadline < clock_timestamp(),
    (select h.headers from ledger_holds as h where h.id = s.id);
end;
