-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- A capture as the API shows it: the transfer, and what the authorization became.
create or replace function ledger_capture_json(transfer_id uuid, amount bigint, h ledger_holds) returns text
language sql stable parallel safe
return '{"transferId":"' || transfer_id::text || '","amount":"' || ledger_decimal(amount, h.exponent)
  || '","currency":"' || h.currency || '","authorization":' || ledger_authorization_json(h) || '}';
