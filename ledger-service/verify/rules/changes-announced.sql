-- Each change has its one event, in the outbox or in the stream, and each event in the outbox its change
--
-- ledger_published holds the message ids found in the stream; the setting says from when on they are complete.
with changes as (
  select 'transaction.' || e.event || ':' || t.id as message_id, e.happened_at
  from ledger_transfers as t
  cross join lateral (values
    ('submitted', t.recorded_at, t.status = 'pending' or t.last_attempt_at > t.recorded_at),
    ('completed', coalesce(t.last_attempt_at, t.recorded_at), t.status in ('complete', 'rollback')),
    ('failed', coalesce(t.last_attempt_at, t.recorded_at), t.status = 'failed')
  ) as e (event, happened_at, happened)
  where e.happened
  union all
  select 'authorization.captured:' || id, recorded_at from ledger_transfers where hold_id is not null
  union all
  select 'authorization.approved:' || id, placed_at from ledger_holds
  union all
  select 'authorization.' || status || ':' || id, updated_at from ledger_holds where closed_version is not null
  union all
  select 'authorization.declined:' || id, decided_at from ledger_declines
  union all
  select 'authorization.' || e.event || ':' || s.id, s.updated_at
  from ledger_sagas as s
  join (values ('completed', 'confirmed'), ('compensated', 'reversed')) as e (state, event) on e.state = s.state
  union all
  select 'authorization.' || e.event || ':' || d.saga_id || ':' || d.id, d.done_at
  from ledger_saga_actions as d
  join (values ('retry', 'retried'), ('compensate', 'compensating'), ('resolve', 'resolved')) as e (action, event)
    on e.action = d.action
  union all
  select case change when 'opened' then 'account.created:' || account_id
    else 'account.updated:' || account_id || ':' || version end, recorded_at
  from ledger_account_changes
)
select c.message_id as subject, 'is neither in the outbox nor in the stream' as detail
from changes as c
where c.happened_at >= current_setting('ledger.announced_since')::timestamptz
  and not exists (select from outbox as o where o.message_id = c.message_id)
  and not exists (select from ledger_published as p where p.message_id = c.message_id)
union all
-- How often a saga was stuck is not kept; of one that is so now the last time was announced.
select 'authorization.stuck:' || s.id, 'is neither in the outbox nor in the stream'
from ledger_sagas as s
where s.state = 'stuck' and s.updated_at >= current_setting('ledger.announced_since')::timestamptz
  and not exists (select from outbox as o where o.message_id like 'authorization.stuck:' || s.id || ':%')
  and not exists (select from ledger_published as p where p.message_id like 'authorization.stuck:' || s.id || ':%')
union all
select o.message_id, 'is in the outbox, and nothing like it has happened'
from outbox as o
where (o.subject like 'transaction.%' or o.subject like 'account.%'
    or o.subject in ('authorization.approved', 'authorization.captured', 'authorization.declined',
      'authorization.confirmed', 'authorization.reversed', 'authorization.retried', 'authorization.compensating',
      'authorization.resolved', 'authorization.voided', 'authorization.expired'))
  -- A transfer that waited was submitted, though its attempts alone do not always tell.
  and o.subject <> 'transaction.submitted'
  and not exists (select from changes as c where c.message_id = o.message_id)
union all
select o.message_id, 'is in the outbox ' || count(*) || ' times'
from outbox as o
group by o.message_id
having count(*) > 1
