-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- What is wrong with a capture, or keeps it from moving money just now; null is nothing. named: whether the caller said
-- where it goes; a user may name a wallet of theirs, a partner nothing. minor: in the hold's minor unit.
create or replace function ledger_capture_fault(
  hold ledger_holds, due boolean, scope text, named boolean, minor numeric, same_account boolean, debits bigint,
  destination_kind text, destination_owner uuid, destination_status text, destination_currency text, credits bigint
) returns text
language sql immutable parallel safe
return coalesce(ledger_hold_refusal((hold).status, due), case
  when destination_kind is null or (named and scope like 'partner:%') or (
    named and scope like 'user:%'
    and (destination_kind <> 'wallet' or scope is distinct from 'user:' || destination_owner::text)
  ) then 'unknown_destination'
  when destination_currency <> (hold).currency then 'other_currency'
  when destination_status = 'closed' and not named then 'destination_changing'
  when destination_status = 'closed' then 'destination_closed'
  when same_account then 'same_account'
  when minor <> trunc(minor) then 'too_many_places'
  when minor <= 0 then 'amount_out_of_range'
  when minor > (hold).open then 'capture_exceeds_hold'
  when debits + minor > 4000000000000000000 or credits + minor > 4000000000000000000 then 'counter_full'
end);
