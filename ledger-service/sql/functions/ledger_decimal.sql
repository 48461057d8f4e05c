-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- Minor units as a decimal: 1250 with exponent 2 is 12.50. A product has the places of its factors; a power and a
-- division took three times as long.
create or replace function ledger_decimal(minor bigint, exponent smallint) returns text
language sql immutable parallel safe
return (minor * (array[1, 0.1, 0.01, 0.001, 0.0001])[exponent + 1])::text;

-- Minor units as a decimal: 1250 with exponent 2 is 12.50.
create or replace function ledger_decimal(minor numeric, exponent smallint) returns text
language sql immutable parallel safe
return (minor * (array[1::numeric, 0.1, 0.01, 0.001, 0.0001])[exponent + 1])::text;
