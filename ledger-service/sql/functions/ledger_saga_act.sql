-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

create or replace function ledger_saga_act(
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
