-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- Writes where sagas have come to, for those whose lease still is the worker's. A step that is new has its own deadline
-- and attempts. Returns how many were written.
create or replace function ledger_saga_advance(
  ids uuid[], leases bigint[], states text[], steps text[], pivots boolean[], delays_ms integer[], errors text[],
  step_seconds integer
) returns integer
language sql volatile
begin atomic
  with moved as (
    update ledger_sagas as s
    set state = u.state, step = u.step, pivoted = u.pivoted, lease_until = null,
      -- Why it was undone is not forgotten when it is.
      last_error = case when u.state in ('compensating', 'compensated') then coalesce(u.error, s.last_error) else u.error end,
      lease_owner = null, updated_at = clock_timestamp(),
      next_attempt_at = clock_timestamp() + make_interval(secs => u.delay_ms / 1000.0),
      attempts = case when (u.state, u.step) = (s.state, s.step) then s.attempts else 0 end,
      step_deadline = case when (u.state, u.step) = (s.state, s.step) then s.step_deadline
        else clock_timestamp() + make_interval(secs => step_seconds) end
    from unnest(ids, leases, states, steps, pivots, delays_ms, errors)
      as u (id, lease, state, step, pivoted, delay_ms, error)
    where s.id = u.id and s.lease = u.lease and s.state in ('running', 'compensating')
    returning s.id, s.state, s.step, s.last_error
  ), told as (
    insert into outbox (subject, message_id, payload, headers)
    select 'authorization.' || e.event, 'authorization.' || e.event || ':' || m.id::text || e.suffix,
      jsonb_build_object(
        'authorizationId', h.id, 'userId', h.owner_id, 'accountId', h.account_id, 'amount', ledger_decimal(h.amount, h.exponent),
        'currency', h.currency, 'referenceId', h.reference_id, 'step', m.step, 'reason', m.last_error,
        'occurredAt', ledger_time(clock_timestamp())
      ), coalesce(h.headers, '{}')
    from moved as m
    join ledger_holds as h on h.id = m.id
    cross join lateral (
      -- An operator may send a saga on, and it may be stuck again.
      select case m.state when 'compensated' then 'reversed' else 'stuck' end as event,
        case m.state when 'compensated' then '' else ':' || extract(epoch from clock_timestamp())::text end as suffix
    ) as e
    where m.state in ('compensated', 'stuck')
  )
  select count(*)::integer from moved;
end;
