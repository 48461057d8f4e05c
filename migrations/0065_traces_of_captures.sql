-- As 0063, for captures.

-- headers: what the events carry along, by capture; null is what the hold came with. The function stays as it is but for
-- these words.
do $patch$
declare
  patches constant text[] := array[
    $$problems text DEFAULT '{}'::text)$$,
    $$problems text DEFAULT '{}'::text, headers jsonb[] DEFAULT NULL)$$,
    $$insert into outbox (subject, message_id, payload)
    select e.subject, e.subject || ':' || u.id::text, e.payload
$$,
    $$insert into outbox (subject, message_id, payload, headers)
    select e.subject, e.subject || ':' || u.id::text, e.payload, coalesce(u.headers, z.headers, '{}')
$$,
    $$o_destination_version, o_hold_status, refs
$$,
    $$o_destination_version, o_hold_status, refs,
      headers
$$,
    $$destination_version, hold_status, reference_id
$$,
    $$destination_version, hold_status, reference_id,
      headers
$$
  ];
  definition text := pg_get_functiondef('ledger_capture'::regproc);
begin
  for i in 1..cardinality(patches) by 2 loop
    if (length(definition) - length(replace(definition, patches[i], ''))) / length(patches[i]) <> 1 then
      raise exception 'ledger_capture does not say % once', patches[i];
    end if;
    definition := replace(definition, patches[i], patches[i + 1]);
  end loop;
  drop function ledger_capture;
  execute definition;
end
$patch$;
