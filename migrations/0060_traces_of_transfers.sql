-- An event of the ledger carries the trace and the id of the request that caused it, as every other event does, also where
-- the request was long ago.
--
-- Here and below a function gets one parameter more, whose default is as before: what calls it without goes on.

-- Of a transfer that waits: what its events will carry.
alter table ledger_transfers add column headers jsonb;

-- headers: what the events carry along, by transfer. The function stays as it is but for these words.
do $patch$
declare
  patches constant text[] := array[
    $$problems text DEFAULT '{}'::text)$$,
    $$problems text DEFAULT '{}'::text, headers jsonb[] DEFAULT NULL)$$,
    $$last_attempt_at, next_attempt_at
      )$$,
    $$last_attempt_at, next_attempt_at, headers
      )$$,
    $$case when o_failure[k.n] is not null then moment end, o_next[k.n]
$$,
    $$case when o_failure[k.n] is not null then moment end, o_next[k.n],
        case when o_state[k.n] = 'pending' then headers[k.n] end
$$,
    $$insert into outbox (subject, message_id, payload)$$,
    $$insert into outbox (subject, message_id, payload, headers)$$,
    $$|| ',"occurredAt":"' || ledger_time(moment) || '"}')::jsonb
$$,
    $$|| ',"occurredAt":"' || ledger_time(moment) || '"}')::jsonb,
      coalesce(headers[e.n], '{}')
$$
  ];
  definition text := pg_get_functiondef('ledger_post_many'::regproc);
begin
  for i in 1..cardinality(patches) by 2 loop
    if (length(definition) - length(replace(definition, patches[i], ''))) / length(patches[i]) <> 1 then
      raise exception 'ledger_post_many does not say % once', patches[i];
    end if;
    definition := replace(definition, patches[i], patches[i + 1]);
  end loop;
  drop function ledger_post_many;
  execute definition;
end
$patch$;
