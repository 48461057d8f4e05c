-- Each posted transfer has its two entries, and each entry its transfer
with expected as (
  select t.id as transfer_id, side.account_id, side.sub, side.version, side.amount
  from ledger_transfers as t
  cross join lateral (values
    (t.source_account_id, t.source_sub, t.source_version, -t.amount),
    (t.destination_account_id, t.destination_sub, t.destination_version, t.amount)
  ) as side (account_id, sub, version, amount)
  where t.status in ('complete', 'rollback')
)
select transfer_id::text as subject,
  'account ' || account_id || ' version ' || version || ': the transfer says ' || coalesce(x.amount::text, 'nothing')
    || ', the entry ' || coalesce(e.amount::text, 'is missing') as detail
from expected as x
full join ledger_entries as e using (transfer_id, account_id, sub, version)
where x.amount is distinct from e.amount
