-- The entries of each transfer sum to zero in each currency
select e.transfer_id::text as subject, 'its entries in ' || a.currency || ' sum to ' || sum(e.amount)::text as detail
from ledger_entries as e
join ledger_accounts as a on a.id = e.account_id
group by e.transfer_id, a.currency
having sum(e.amount) <> 0
