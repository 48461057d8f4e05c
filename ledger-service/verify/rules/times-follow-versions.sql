-- An account's entries are recorded in the order of their versions
select account_id::text || case when sub > 0 then ' sub ' || sub else '' end || ' version ' || version as subject,
  'recorded at ' || recorded_at || ', the one before at ' || previous as detail
from (
  select account_id, sub, version, recorded_at,
    lag(recorded_at) over (partition by account_id, sub order by version) as previous
  from ledger_entries
) as e
where recorded_at < previous
