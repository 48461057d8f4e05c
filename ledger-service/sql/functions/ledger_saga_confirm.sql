-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

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
