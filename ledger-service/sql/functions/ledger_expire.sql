-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- Expires holds that are due by the database's time, at most so many. Returns how many it expired. Accounts that are in
-- use just now are left for the next time.
create or replace function ledger_expire(most integer) returns integer
language plpgsql as $$
declare
  due uuid[]; locked uuid[]; latest timestamptz; moment timestamptz;
begin
  due := array(select z.account_id from ledger_holds as z where z.status = 'open' and z.expires_at <= clock_timestamp() order by z.expires_at limit most);
  if cardinality(due) = 0 then return 0; end if;
  select array_agg(l.id), max(l.updated_at) into locked, latest from (
    select a.id, a.updated_at from ledger_accounts as a where a.id = any (due) order by a.id for no key update skip locked
  ) as l;
  moment := greatest(clock_timestamp(), latest);
  due := array(
    select z.id from ledger_holds as z
    where z.account_id = any (locked) and z.status = 'open' and z.expires_at <= moment order by z.expires_at limit most
  );
  perform ledger_close_holds(due, 'expired', moment);
  return cardinality(due);
end
$$;
