-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- The last version of an account's row, or of a part of it, that an entry recorded by then carries. By halving: times
-- rise with versions.
create or replace function ledger_version_at(account uuid, part smallint, at timestamptz) returns bigint
language plpgsql stable as $$
declare
  low bigint := 0; high bigint; middle bigint; r record;
begin
  select max(e.version) into high from ledger_entries as e where e.account_id = account and e.sub = part;
  high := coalesce(high, 0);
  while low < high loop
    middle := (low + high + 1) / 2;
    select e.version, e.recorded_at into r from ledger_entries as e
    where e.account_id = account and e.sub = part and e.version >= middle order by e.version limit 1;
    if r.recorded_at <= at then low := r.version; else high := middle - 1; end if;
  end loop;
  return low;
end
$$;
