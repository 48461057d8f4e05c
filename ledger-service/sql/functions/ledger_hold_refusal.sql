-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- Why nothing can be done with a hold: its last part was captured, voided or has expired.
create or replace function ledger_hold_refusal(status text, due boolean) returns text
language sql immutable parallel safe
return case
  when status = 'captured' then 'hold_already_captured'
  when status = 'voided' then 'hold_voided'
  when status = 'expired' or due then 'hold_expired'
end;
