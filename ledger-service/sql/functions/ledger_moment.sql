-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- A time in microseconds.
create or replace function ledger_moment(t timestamptz) returns text
language sql stable parallel safe
return ((extract(epoch from t) * 1000000)::bigint)::text;
