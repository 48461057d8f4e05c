-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- What keeps a transfer from being reverted; null is nothing. Under the locks of its accounts.
create or replace function ledger_revert_fault(id uuid) returns text
language plpgsql stable as $$
declare
  state text := (select t.status from ledger_transfers as t where t.id = ledger_revert_fault.id);
begin
  return case
    when state is null then 'transfer_not_found'
    when state = 'rollback' then 'transfer_already_reverted'
    when state <> 'complete' then 'transfer_not_complete'
  end;
end
$$;
