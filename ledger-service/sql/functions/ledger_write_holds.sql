-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- Writes what captures left of the holds that they changed at this moment. The account's lock guards them.
create or replace function ledger_write_holds(holds ledger_holds[], moment timestamptz) returns void
language plpgsql as $$
begin
  update ledger_holds as z set captured = u.captured, voided = u.voided, status = u.status, updated_at = moment
  from unnest(holds) as u
  where z.id = u.id and u.updated_at = moment;
end
$$;
