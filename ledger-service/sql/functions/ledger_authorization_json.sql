-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

create or replace function ledger_authorization_json(h ledger_holds) returns text
language sql stable parallel safe
return ledger_authorization_json(
  h.id, h.status, h.owner_id, h.account_id, h.amount, h.captured, h.voided + h.expired, h.exponent, h.currency,
  h.reference_id, h.group_id, h.placed_at, h.expires_at, h.external_user_id
);

create or replace function ledger_authorization_json(
  id uuid, status text, owner_id uuid, account_id uuid, amount bigint, captured bigint, released bigint,
  exponent smallint, currency text, reference_id text, group_id uuid, placed_at timestamptz, expires_at timestamptz,
  external_user_id text
) returns text
language sql stable parallel safe
return '{"id":"' || id::text || '","status":"' || case status when 'open' then 'approved' else status end
  || coalesce('","userId":"' || owner_id::text, '') || '","accountId":"' || account_id::text
  || '","amount":"' || ledger_decimal(amount, exponent) || '","currency":"' || currency
  || '","capturedAmount":"' || ledger_decimal(captured, exponent)
  || '","releasedAmount":"' || ledger_decimal(released, exponent)
  || '","openAmount":"' || ledger_decimal(amount - captured - released, exponent) || '"'
  || coalesce(',"referenceId":' || to_json(reference_id)::text, '')
  || coalesce(',"groupId":"' || group_id::text || '"', '')
  || coalesce(',"externalUserId":' || to_json(external_user_id)::text, '')
  || ',"decidedAt":"' || ledger_time(placed_at) || '","expiresAt":"' || ledger_time(expires_at) || '"}';
