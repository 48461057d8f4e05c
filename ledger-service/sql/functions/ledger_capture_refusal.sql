-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- A fault of a capture in words.
create or replace function ledger_capture_refusal(fault text, hold ledger_holds) returns ledger_refusal
language plpgsql stable as $$
declare
  code text; detail text; extra text := '';
  broken constant text := 'The body breaks a rule: see errors';
  open constant text := ledger_decimal(hold.open, hold.exponent);
begin
  case fault
    when 'unknown_destination' then
      code := 'account_not_found'; detail := 'There is no such account';
      extra := ledger_field_error('/destinationAccountId', 'is not an account that you may capture to');
    when 'other_currency' then
      code := 'currency_mismatch'; detail := 'The hold is in ' || hold.currency;
      extra := ledger_field_error('/destinationAccountId', 'holds another currency');
    when 'destination_changing' then
      -- It was closed while its lock was waited for: by now captures go elsewhere.
      code := 'request_in_progress'; detail := 'The account that this settles to is just being changed';
    when 'destination_closed' then
      code := 'account_not_open'; detail := 'The destination account is closed';
      extra := ledger_field_error('/destinationAccountId', 'is closed');
    when 'same_account' then
      code := 'validation_failed'; detail := broken;
      extra := ledger_field_error('/destinationAccountId', 'must be another account');
    when 'too_many_places' then
      code := 'validation_failed'; detail := broken;
      extra := ledger_field_error('/amount', hold.currency || ' has ' || hold.exponent || ' decimal places');
    when 'amount_out_of_range' then
      code := 'validation_failed'; detail := broken;
      extra := ledger_field_error('/amount', 'must be greater than 0');
    when 'capture_exceeds_hold' then
      code := fault; detail := open || ' ' || hold.currency || ' is open';
      extra := ',"openAmount":"' || open || '","currency":"' || hold.currency || '"' || ledger_field_error('/amount', 'is more than the hold has open');
    when 'counter_full' then
      code := 'validation_failed'; detail := broken;
      extra := ledger_field_error('/amount', 'is more than the account can still count');
    else
      code := fault; detail := ledger_hold_refusal_detail(fault); extra := ',"authorizationId":"' || hold.id::text || '"';
  end case;
  return (code, detail, extra);
end
$$;
