-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- Locks the accounts that a batch posts to, those in one row by id and then one part of each of the others, and says what
-- they are and have. n: the place in `accounts`, which has each once, ascending; what is no account is left out. dry: as
-- they were committed last, with nothing locked and nobody waited for.
create or replace function ledger_lock_accounts(accounts uuid[], dry boolean default false)
returns table (
  n integer, kind text, status text, currency text, exponent smallint, owner_id uuid, sub smallint, credit_limit bigint,
  debits bigint, credits bigint, held bigint, version bigint, updated_at timestamptz
)
language plpgsql as $$
declare
  whole integer;
begin
  if dry then
    return query
      select k.n, a.kind::text, a.status::text, a.currency::text, a.exponent::smallint, a.owner_id,
        coalesce(b.sub, 0::smallint), case when b.sub is null then a.credit_limit::bigint end,
        coalesce(b.debits_posted, a.debits_posted)::bigint, coalesce(b.credits_posted, a.credits_posted)::bigint,
        case when b.sub is null then a.debits_pending::bigint else 0 end, coalesce(b.version, a.version),
        coalesce(b.updated_at, a.updated_at)
      from generate_series(1, cardinality(accounts)) as k (n)
      join ledger_accounts as a on a.id = accounts[k.n]
      left join ledger_sub_balances as b
        on b.account_id = a.id and b.sub = 1 + pg_backend_pid() % nullif(a.sub_balances, 0);
    return;
  end if;
  return query
    select k.n, a.kind::text, a.status::text, a.currency::text, a.exponent::smallint, a.owner_id, 0::smallint,
      a.credit_limit::bigint, a.debits_posted::bigint, a.credits_posted::bigint, a.debits_pending::bigint, a.version,
      a.updated_at
    from generate_series(1, cardinality(accounts)) as k (n)
    join ledger_accounts as a on a.id = accounts[k.n]
    where a.sub_balances = 0
    order by a.id
    for no key update of a;
  get diagnostics whole = row_count;
  if whole < cardinality(accounts) then
    return query
      select k.n, a.kind::text, a.status::text, a.currency::text, a.exponent::smallint, a.owner_id, b.sub,
        null::bigint, b.debits_posted::bigint, b.credits_posted::bigint, 0::bigint, b.version, b.updated_at
      from generate_series(1, cardinality(accounts)) as k (n)
      join ledger_accounts as a on a.id = accounts[k.n]
      join ledger_sub_balances as b on b.account_id = a.id and b.sub = 1 + pg_backend_pid() % a.sub_balances
      where a.sub_balances > 0
      order by a.id
      for no key update of b;
  end if;
end
$$;
