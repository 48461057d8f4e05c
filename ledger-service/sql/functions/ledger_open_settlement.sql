-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- Makes sure that there is an account to which captures in a currency settle.
create or replace function ledger_open_settlement(currency text, exponent smallint, headers jsonb default null) returns void
language plpgsql as $$
#variable_conflict use_variable
declare
  house constant text := 'settlement:' || currency;
begin
  if exists (select from ledger_accounts as a where a.external_id = house) then return; end if;
  -- Every capture credits it: sixteen parts, so that captures at the same time do not wait for one another. Where two
  -- openings make it at once, one of them finds it made.
  perform ledger_open_account(
    id => ledger_new_id(), external_id => house, kind => 'system', currency => currency, exponent => exponent,
    owner_id => null, name => 'Settlement in ' || currency, credit_limit => null, sub_balances => 16::smallint,
    actor => 'credit-lines', funding_id => null, opening => null, transfer_id => null, payer => null,
    scope => 'platform', key => null, hash => null, instance => '', request_id => '',
    problems => '{"account_exists":{"status":409,"title":""}}', headers => headers
  );
end
$$;
