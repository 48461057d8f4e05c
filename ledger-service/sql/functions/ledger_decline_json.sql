-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

create or replace function ledger_decline_json(
  id uuid, owner_id uuid, amount numeric, currency text, reason text, reference_id text, group_id uuid,
  decided_at timestamptz, extra text default '', external_user_id text default null
) returns text
language sql stable parallel safe
return '{"id":"' || id::text || '","status":"declined","reason":"' || reason || '","userId":"' || owner_id::text
  || '","amount":"' || amount::text || '","currency":"' || currency || '"'
  || coalesce(',"referenceId":' || to_json(reference_id)::text, '')
  || coalesce(',"groupId":"' || group_id::text || '"', '')
  || coalesce(',"externalUserId":' || to_json(external_user_id)::text, '')
  || ',"decidedAt":"' || ledger_time(decided_at) || '"' || extra || '}';
