-- Each entry's balance-after is the one before it and its amount
select account_id::text || case when sub > 0 then ' sub ' || sub else '' end || ' version ' || version as subject,
  'balance after ' || balance_after || ', replayed ' || replayed as detail
from (
  select account_id, sub, version, balance_after,
    sum(amount) over (partition by account_id, sub order by version) as replayed
  from ledger_entries
) as e
where balance_after <> replayed
