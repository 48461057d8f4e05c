-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- What is wrong with a limit, a decimal; null where nothing is, or there is none. With what an account may receive
-- (4 * 10^18 minor units) the largest is still a bigint.
create or replace function ledger_limit_fault(amount numeric, currency text, exponent smallint) returns text
language sql immutable parallel safe
return case
  when amount * 10::numeric ^ exponent::numeric <> trunc(amount * 10::numeric ^ exponent::numeric)
    then currency || ' has ' || exponent || ' decimal places'
  when amount * 10::numeric ^ exponent::numeric > 1000000000000000000
    then 'must be at most ' || ledger_decimal(1000000000000000000, exponent)
end;
