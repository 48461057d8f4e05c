-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- As before, and says when a hold was closed.
create or replace function ledger_keep_hold_parts() returns trigger
language plpgsql as $$
begin
  new.open := new.amount - new.captured - new.voided - new.expired;
  if new.status in ('open', 'captured', 'voided', 'expired') and new.amount > 0 and new.expires_at > new.placed_at
    and least(new.captured, new.voided, new.expired, new.open) >= 0 and (new.status = 'open') = (new.open > 0)
  then
    if new.open = 0 and old.open > 0 then new.closed_xid := pg_current_xact_id(); end if;
    return new;
  end if;
  raise exception 'hold % of % cannot be % with % captured, % voided and % expired', new.id, new.amount, new.status,
    new.captured, new.voided, new.expired
    using errcode = 'check_violation', constraint = 'ledger_holds_parts', table = 'ledger_holds';
end
$$;
