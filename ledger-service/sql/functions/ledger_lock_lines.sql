-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- Locks accounts that have holds, by id, and says what time it is under the locks.
create or replace function ledger_lock_lines(ids uuid[]) returns timestamptz
language plpgsql as $$
declare
  latest timestamptz;
begin
  select max(l.updated_at) into latest from (
    select a.updated_at from ledger_accounts as a where a.id = any (ids) order by a.id for no key update
  ) as l;
  return greatest(clock_timestamp(), latest);
end
$$;
