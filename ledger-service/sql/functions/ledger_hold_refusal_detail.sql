-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

create or replace function ledger_hold_refusal_detail(code text) returns text
language sql immutable parallel safe
return case code
  when 'hold_already_captured' then 'The hold was captured before: nothing of it is open'
  when 'hold_voided' then 'The hold was voided'
  when 'hold_expired' then 'The hold has expired'
end;
