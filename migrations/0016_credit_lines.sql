-- A limit that became active is a credit line in the ledger.

-- Opens a person's credit line from an accepted offer, once, and makes sure that there is an account to which captures
-- in its currency settle. Returns opened; repeated where the offer has its line; other_line where the person has one
-- from another offer; busy while somebody else is opening one for the person.
create function ledger_open_credit_line(
  id uuid, offer_id uuid, owner_id uuid, credit_limit numeric, currency text, exponent smallint
) returns text
language plpgsql as $$
#variable_conflict use_variable
declare
  house constant text := 'settlement:' || currency;
  opened smallint;
begin
  if not ledger_claim('platform', 'credit line of ' || owner_id::text) then return 'busy'; end if;
  if exists (select from ledger_accounts as a where a.offer_id = offer_id) then return 'repeated'; end if;
  if exists (
    select from ledger_accounts as a
    where a.owner_id = owner_id and a.currency = currency and a.kind = 'credit_line' and a.status <> 'closed'
  ) then
    return 'other_line';
  end if;
  if not exists (select from ledger_accounts as a where a.external_id = house) then
    -- Every capture credits it: sixteen parts, so that captures at the same time do not wait for one another. Where
    -- two openings make it at once, one of them finds it made.
    perform ledger_open_account(
      id => ledger_new_id(), external_id => house, kind => 'system', currency => currency, exponent => exponent,
      owner_id => null, name => 'Settlement in ' || currency, credit_limit => null, sub_balances => 16::smallint,
      actor => 'credit-lines', funding_id => null, opening => null, transfer_id => null, payer => null,
      scope => 'platform', key => null, hash => null, instance => '', request_id => '',
      problems => '{"account_exists":{"status":409,"title":""}}'
    );
  end if;
  select o.status into opened from ledger_open_account(
    id => id, external_id => null, kind => 'credit_line', currency => currency, exponent => exponent,
    owner_id => owner_id, name => null, credit_limit => credit_limit, sub_balances => 0::smallint,
    actor => 'credit-lines', funding_id => null, opening => null, transfer_id => null, payer => null,
    scope => 'platform', key => null, hash => null, instance => '', request_id => '',
    problems => '{"account_exists":{"status":409,"title":""}}', offer_id => offer_id
  ) as o;
  -- An operator may have opened one by hand meanwhile.
  return case opened when 201 then 'opened' else 'other_line' end;
end
$$;
