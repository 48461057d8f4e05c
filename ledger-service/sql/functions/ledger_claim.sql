-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- Holds a caller's key, or a business reference, until the transaction ends; false when another transaction does.
-- Never waits: a unique row inside the transaction would, and two of them could wait for each other.
create or replace function ledger_claim(scope text, name text) returns boolean
language sql volatile
return pg_try_advisory_xact_lock(hashtextextended('idempotency ' || scope || ' ' || name, 0));
