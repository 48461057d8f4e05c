-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- Opens a person's credit line from an accepted offer, once. Returns opened; repeated where the offer has its line;
-- other_line where the person has one from another offer; busy while somebody else is opening one for the person; refused
-- where the limit is none that the currency can have.
create or replace function ledger_open_credit_line(
  id uuid, offer_id uuid, owner_id uuid, credit_limit numeric, currency text, exponent smallint,
  headers jsonb default null
) returns text
language plpgsql as $$
#variable_conflict use_variable
declare
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
  select o.status into opened from ledger_open_account(
    id => id, external_id => null, kind => 'credit_line', currency => currency, exponent => exponent,
    owner_id => owner_id, name => null, credit_limit => credit_limit, sub_balances => 0::smallint,
    actor => 'credit-lines', funding_id => null, opening => null, transfer_id => null, payer => null,
    scope => 'platform', key => null, hash => null, instance => '', request_id => '', offer_id => offer_id,
    headers => headers,
    problems => '{"account_exists":{"status":409,"title":""},"validation_failed":{"status":422,"title":""}}'
  ) as o;
  -- An operator may have opened one by hand meanwhile.
  return case opened when 201 then 'opened' when 409 then 'other_line' else 'refused' end;
end
$$;
