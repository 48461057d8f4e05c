-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- Writes what a batch left in the accounts that it touched, which are locked: arrays as ledger_lock_accounts gave them.
create or replace function ledger_write_balances(
  accounts uuid[], subs smallint[], touched boolean[], debits bigint[], credits bigint[], held bigint[],
  versions bigint[], moment timestamptz
) returns void
language plpgsql as $$
begin
  if 0 = any (subs) then
    update ledger_accounts as a
    set debits_posted = debits[k.n], credits_posted = credits[k.n], debits_pending = held[k.n],
      version = versions[k.n], updated_at = moment,
      overlimit = least(a.overlimit, greatest(debits[k.n] + held[k.n] - credits[k.n] - a.credit_limit, 0))
    from generate_series(1, cardinality(accounts)) as k (n)
    where a.id = accounts[k.n] and touched[k.n] and subs[k.n] = 0;
  end if;
  if 0 <> any (subs) then
    update ledger_sub_balances as b
    set debits_posted = debits[k.n], credits_posted = credits[k.n], version = versions[k.n], updated_at = moment
    from generate_series(1, cardinality(accounts)) as k (n)
    where b.account_id = accounts[k.n] and b.sub = subs[k.n] and touched[k.n];
  end if;
end
$$;
