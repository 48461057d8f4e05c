-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- A fault of a transfer in words. reverts: the transfer that it should revert.
create or replace function ledger_transfer_refusal(
  fault text, by_user boolean, reverts uuid, exponent smallint, source_status text, source_currency text,
  destination_currency text, available bigint
) returns ledger_refusal
language plpgsql stable as $$
declare
  code text; detail text; extra text := '';
  broken constant text := 'The body breaks a rule: see errors';
  most constant text := ledger_decimal(greatest(available, 0), exponent);
begin
  case fault
    when 'same_account' then
      code := 'validation_failed'; detail := broken;
      extra := ledger_field_error('/destinationAccountId', 'must differ from sourceAccountId');
    when 'unknown_source' then
      code := 'account_not_found'; detail := 'There is no such account';
      extra := ledger_field_error('/sourceAccountId', case when by_user then 'is not an account of yours' else 'is not an account' end);
    when 'unknown_destination' then
      code := 'account_not_found'; detail := 'There is no such account';
      extra := ledger_field_error('/destinationAccountId', 'is not an account');
    when 'source_is_no_wallet' then
      code := 'forbidden'; detail := 'Only wallets can be paid from';
      extra := ledger_field_error('/sourceAccountId', 'must be a wallet');
    when 'two_currencies' then
      code := 'currency_mismatch'; detail := 'The accounts hold ' || source_currency || ' and ' || destination_currency;
      extra := ledger_field_error('/destinationAccountId', 'holds another currency');
    when 'other_currency' then
      code := 'currency_mismatch'; detail := 'The accounts hold ' || source_currency;
      extra := ledger_field_error('/currency', 'must be ' || source_currency);
    when 'too_many_places' then
      code := 'validation_failed'; detail := broken;
      extra := ledger_field_error('/amount', source_currency || ' has ' || exponent || ' decimal places');
    when 'amount_out_of_range' then
      code := 'validation_failed'; detail := broken;
      extra := ledger_field_error('/amount', 'must be greater than 0 and at most ' || ledger_decimal(100000000000000000, exponent));
    when 'transfer_not_found' then
      code := fault; detail := 'There is no such transfer';
    when 'transfer_already_reverted' then
      code := fault; detail := 'The transfer was reverted before';
      extra := coalesce(',"revertedByTransferId":"' || (select t.reverted_by_id from ledger_transfers as t where t.id = reverts)::text || '"', '');
    when 'transfer_not_complete' then
      code := fault; detail := 'The transfer has moved nothing';
    when 'source_not_open' then
      code := 'account_not_open'; detail := 'The source account is ' || source_status;
      extra := ledger_field_error('/sourceAccountId', 'is ' || source_status);
    when 'destination_closed' then
      code := 'account_not_open'; detail := 'The destination account is closed';
      extra := ledger_field_error('/destinationAccountId', 'is closed');
    when 'insufficient_funds' then
      code := fault; detail := most || ' ' || source_currency || ' is available';
      extra := ',"available":"' || most || '","currency":"' || source_currency || '"';
    when 'counter_full' then
      code := 'validation_failed'; detail := broken;
      extra := ledger_field_error('/amount', 'is more than the account can still count');
  end case;
  return (code, detail, extra);
end
$$;
