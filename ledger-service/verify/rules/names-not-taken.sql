-- Nobody has opened an account of their own in the place of a name: ids that are made from names are of version 5
--
-- What is paid to such a name before its client opens it goes to whoever sits there. Those that were closed take nothing.
select a.id::text as subject,
  'was opened by ' || c.actor || ' and has ' || ledger_decimal(a.credits_posted - a.debits_posted, a.exponent) || ' '
    || a.currency as detail
from ledger_accounts as a
join ledger_account_changes as c on c.account_id = a.id and c.change = 'opened'
where substr(a.id::text, 15, 1) = '5' and a.external_id is null and c.actor like 'user:%' and a.status <> 'closed'
