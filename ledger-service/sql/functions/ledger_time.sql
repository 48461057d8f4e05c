-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- ISO 8601, UTC, to the microsecond.
create or replace function ledger_time(t timestamptz) returns text
language sql stable parallel safe
return to_char(t at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
