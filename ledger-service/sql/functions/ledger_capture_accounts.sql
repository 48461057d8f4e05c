-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- Between which accounts captures move: from the hold's, which its scope and the platform may take from, to the one that
-- is named, or the hold's own, or the partner's settlement account if it is open and in the hold's currency, or else the
-- house's in that currency. Without what is answered already (statuses), and what is no such hold.
create or replace function ledger_capture_accounts(holds uuid[], scopes text[], destinations uuid[], statuses smallint[])
returns table (n integer, source uuid, destination uuid)
language sql stable as $$
  select k.n, z.account_id, coalesce(destinations[k.n], z.destination_account_id, own.id, house.id)
  from generate_series(1, cardinality(holds)) as k (n)
  join ledger_holds as z on z.id = holds[k.n] and (z.scope = scopes[k.n] or scopes[k.n] = 'platform')
  left join ledger_partners as p on z.scope = 'partner:' || p.id::text
  left join ledger_accounts as own
    on own.id = p.settlement_account_id and own.currency = z.currency and own.status <> 'closed'
  left join ledger_accounts as house on house.external_id = 'settlement:' || z.currency
  where statuses[k.n] is null
$$;
