-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

create or replace function ledger_keep_account_shape() returns trigger
language plpgsql as $$
begin
  if new.credit_limit is null and new.kind in ('bank', 'system') and new.sub_balances between 0 and 256
    or new.credit_limit is not null and new.kind in ('wallet', 'credit_line') and new.sub_balances = 0
  then
    return new;
  end if;
  raise exception 'account % of kind % cannot have limit % and % sub-balances', new.id, new.kind, new.credit_limit,
    new.sub_balances using errcode = 'check_violation', constraint = 'ledger_accounts_shape', table = 'ledger_accounts';
end
$$;
