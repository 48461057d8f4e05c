-- As 0060, for sagas: whatever is done later for a purchase carries what the purchase came with, and whoever works on it is
-- told. What an operator does carries the operator's own request.

drop function ledger_saga_claim;
-- Leases sagas that are due to a worker: nobody else works on them until the lease is over. Each lease has a number, and
-- a worker whose lease was given to another one can write nothing more.
create function ledger_saga_claim(worker text, lease_seconds integer, most integer)
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

-- The last step: tells the person and whoever follows authorizations, and completes the saga; all of it or nothing, so
-- that however often the step is tried it is told once. Returns how many were completed.
create or replace function ledger_saga_confirm(ids uuid[], leases bigint[]) returns integer
language sql volatile
begin atomic
  with done as (
    update ledger_sagas as s
    set state = 'completed', lease_until = null, lease_owner = null, last_error = null, updated_at = clock_timestamp()
    from unnest(ids, leases) as u (id, lease)
    where s.id = u.id and s.lease = u.lease and s.state = 'running' and s.step = 'confirm'
    returning s.id
  ), confirmed as (
    select h.id, h.owner_id, h.account_id, h.captured, h.exponent, h.currency, h.reference_id, h.headers,
      'You paid ' || ledger_decimal(h.captured, h.exponent) || ' ' || h.currency || ' with your credit line.' as message
    from done join ledger_holds as h on h.id = done.id
  ), told as (
    insert into notifications (id, user_id, type, title, message, created_at)
    select c.id, c.owner_id, 'PURCHASE_CONFIRMED', 'Your purchase is confirmed', c.message, clock_timestamp()
    from confirmed as c join users as u on u.id = c.owner_id
    on conflict (id) do nothing
    returning id, user_id, title, message, created_at
  ), announced as (
    insert into outbox (subject, message_id, payload, headers)
    select 'authorization.confirmed', 'authorization.confirmed:' || c.id::text, jsonb_build_object(
      'authorizationId', c.id, 'userId', c.owner_id, 'accountId', c.account_id,
      'capturedAmount', ledger_decimal(c.captured, c.exponent), 'currency', c.currency, 'referenceId', c.reference_id,
      'occurredAt', ledger_time(clock_timestamp())
    ), coalesce(c.headers, '{}')
    from confirmed as c
    union all
    select 'user.notifications', 'notification:PURCHASE_CONFIRMED:' || t.id::text, jsonb_build_object(
      'notificationId', t.id, 'userId', t.user_id, 'type', 'PURCHASE_CONFIRMED', 'title', t.title, 'message', t.message,
      'authorizationId', t.id, 'createdAt', ledger_time(t.created_at)
    ), coalesce(c.headers, '{}')
    from told as t join confirmed as c on c.id = t.id
  )
  select count(*)::integer from done;
end;

drop function ledger_announce_saga_action;
-- Announces what an operator did to a saga: one event an action, whose id is part of its message id.
create function ledger_announce_saga_action(action_id bigint, headers jsonb default null) returns void
language sql volatile
begin atomic
  insert into outbox (subject, message_id, payload, headers)
  select 'authorization.' || e.event, 'authorization.' || e.event || ':' || h.id::text || ':' || d.id::text,
    jsonb_build_object(
      'authorizationId', h.id, 'userId', h.owner_id, 'accountId', h.account_id, 'amount', ledger_decimal(h.amount, h.exponent),
      'currency', h.currency, 'referenceId', h.reference_id, 'step', d.step_before, 'reason', d.reason,
      'occurredAt', ledger_time(d.done_at)
    ), coalesce(ledger_announce_saga_action.headers, h.headers, '{}')
  from ledger_saga_actions as d
  join ledger_holds as h on h.id = d.saga_id
  cross join lateral (
    select case d.action when 'retry' then 'retried' when 'compensate' then 'compensating' else 'resolved' end as event
  ) as e
  where d.id = action_id;
end;

drop function ledger_saga_act;
create function ledger_saga_act(
  saga_id uuid, action text, actor text, reason text, step_seconds integer, headers jsonb default null
) returns text
language plpgsql as $$
#variable_conflict use_variable
declare
  s ledger_sagas;
  action_id bigint;
begin
  select f.* into s from ledger_sagas as f where f.id = saga_id for update;
  if s.id is null then return 'not_found'; end if;
  if action = 'compensate' then
    if s.pivoted then return 'past_pivot'; end if;
    if s.state not in ('running', 'stuck') then return 'not_stuck'; end if;
  elsif s.state <> 'stuck' then
    return 'not_stuck';
  end if;
  insert into ledger_saga_actions (saga_id, action, actor, reason, state_before, step_before, done_at)
  values (saga_id, action, actor, reason, s.state, s.step, clock_timestamp())
  returning id into action_id;
  update ledger_sagas as f
  set state = case action
      when 'resolve' then 'resolved'
      when 'compensate' then 'compensating'
      else case when s.step = 'reserve' then 'compensating' else 'running' end
    end,
    step = case action when 'compensate' then 'reserve' else s.step end,
    attempts = 0, lease = s.lease + 1, lease_until = null, lease_owner = null, next_attempt_at = clock_timestamp(),
    step_deadline = clock_timestamp() + make_interval(secs => step_seconds), updated_at = clock_timestamp()
  where f.id = saga_id;
  perform ledger_announce_saga_action(action_id, headers);
  return 'done';
end
$$;
