-- A decline tells its amount with the places of its currency, as an approval does, instead of as few as it takes.

-- What is there keeps its text: it was told without its trailing zeros.
alter table ledger_declines alter column amount type numeric using trim_scale(amount);

create or replace function ledger_decline_json(
  id uuid, owner_id uuid, amount numeric, currency text, reason text, reference_id text, group_id uuid,
  decided_at timestamptz, extra text default ''
) returns text
language sql stable parallel safe
return '{"id":"' || id::text || '","status":"declined","reason":"' || reason || '","userId":"' || owner_id::text
  || '","amount":"' || amount::text || '","currency":"' || currency || '"'
  || coalesce(',"referenceId":' || to_json(reference_id)::text, '')
  || coalesce(',"groupId":"' || group_id::text || '"', '')
  || ',"decidedAt":"' || ledger_time(decided_at) || '"' || extra || '}';
