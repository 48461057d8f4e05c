-- Each hold is in the currency of its account and for whom that belongs to
select h.id::text as subject,
  h.currency || ' with ' || h.exponent || ' decimals for ' || coalesce(h.owner_id::text, 'nobody') || ', the account: '
    || coalesce(a.currency || ' with ' || a.exponent || ' for ' || coalesce(a.owner_id::text, 'nobody'), 'none') as detail
from ledger_holds as h
left join ledger_accounts as a on a.id = h.account_id
where (h.currency, h.exponent, h.owner_id) is distinct from (a.currency::text, a.exponent::smallint, a.owner_id)
