-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- What is wrong with a transfer whenever it is tried; null is nothing. owner: the user who may only take from wallets of
-- their own; null for operators and services. wanted: the currency that was asked for. minor: in the source's minor unit.
create or replace function ledger_transfer_fault(
  source uuid, destination uuid, owner uuid, wanted text, minor numeric, source_kind text, source_owner uuid,
  source_currency text, destination_kind text, destination_owner uuid, destination_currency text
) returns text
language sql immutable parallel safe
return case
  when source = destination then 'same_account'
  when source_kind is null or (owner is not null and source_owner is distinct from owner) then 'unknown_source'
  when destination_kind is null then 'unknown_destination'
  when owner is not null and source_kind <> 'wallet' then 'source_is_no_wallet'
  when owner is not null and destination_kind <> 'wallet' and destination_owner is distinct from owner
    then 'unknown_destination'
  when source_currency <> destination_currency then 'two_currencies'
  when wanted <> source_currency then 'other_currency'
  when minor <> trunc(minor) then 'too_many_places'
  when minor <= 0 or minor > 100000000000000000 then 'amount_out_of_range'
end;
