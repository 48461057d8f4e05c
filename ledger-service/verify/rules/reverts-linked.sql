-- A transfer is reverted at most once, by one of the same amount the other way, and both say so
select coalesce(t.id, r.id)::text as subject,
  'reverted by ' || coalesce(t.reverted_by_id::text, 'none') || '; ' || coalesce(r.id::text, 'none') || ' reverts it' as detail
from (select * from ledger_transfers where status = 'rollback' or reverted_by_id is not null) as t
full join (
  select * from ledger_transfers where reverts_id is not null and status in ('complete', 'rollback')
) as r on r.reverts_id = t.id
where t.id is null or r.id is null or t.reverted_by_id is distinct from r.id or t.amount <> r.amount
  or t.source_account_id <> r.destination_account_id or t.destination_account_id <> r.source_account_id
