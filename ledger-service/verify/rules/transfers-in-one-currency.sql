-- Each transfer's accounts are there and hold its currency
select t.id::text as subject,
  t.currency || ' with ' || t.exponent || ' decimals from ' || coalesce(s.currency || ' with ' || s.exponent, 'no account')
    || ' to ' || coalesce(d.currency || ' with ' || d.exponent, 'no account') as detail
from ledger_transfers as t
left join ledger_accounts as s on s.id = t.source_account_id
left join ledger_accounts as d on d.id = t.destination_account_id
where (t.currency, t.exponent) is distinct from (s.currency, s.exponent)
  or (t.currency, t.exponent) is distinct from (d.currency, d.exponent)
