-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- Announces what an operator did to a saga: one event an action, whose id is part of its message id.
create or replace function ledger_announce_saga_action(action_id bigint, headers jsonb default null) returns void
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
