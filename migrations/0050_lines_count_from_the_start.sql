-- Every call that places a hold counts it by now.

-- A new line has no holds; on one that is there they are counted at its next purchase.
alter table ledger_accounts alter column velocity_since set default '-infinity';

-- What only looks, looks afterwards: a trigger beforehand has every update lock its row by an extra record first, whether
-- or not it concerns the trigger.
drop trigger ledger_accounts_shape on ledger_accounts;
create trigger ledger_accounts_shape
  after insert or update of kind, credit_limit, sub_balances on ledger_accounts
  for each row execute function ledger_keep_account_shape();
