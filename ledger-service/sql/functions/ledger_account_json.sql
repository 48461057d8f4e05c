-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- An account as the API shows it; a hot one's counters are the sums of its parts.
create or replace function ledger_account_json(a ledger_accounts) returns text
language sql stable parallel safe
return (
  select '{"id":"' || a.id::text || '"' || coalesce(',"externalId":' || to_json(a.external_id)::text, '')
    || ',"kind":"' || a.kind || '","status":"' || a.status || '","currency":"' || a.currency || '"'
    || coalesce(',"ownerId":"' || a.owner_id::text || '"', '') || coalesce(',"name":' || to_json(a.name)::text, '')
    || ',"balance":"' || ledger_decimal(t.credits - t.debits, a.exponent) || '"'
    || coalesce(',"creditLimit":"' || ledger_decimal(case when a.kind = 'credit_line' then a.credit_limit end, a.exponent) || '"', '')
    || coalesce(',"available":"' || ledger_decimal(
      case when a.credit_limit is not null then greatest(a.credit_limit + t.credits - t.debits - t.held, 0) end, a.exponent
    ) || '"', '')
    || ',"debitsPosted":"' || ledger_decimal(t.debits, a.exponent) || '","creditsPosted":"' || ledger_decimal(t.credits, a.exponent)
    || '","debitsPending":"' || ledger_decimal(t.held, a.exponent) || '","creditsPending":"' || ledger_decimal(t.expected, a.exponent)
    || '","version":' || t.version::text
    || ',"createdAt":"' || ledger_time(a.created_at) || '","updatedAt":"' || ledger_time(t.updated_at) || '"}'
  from (
    select a.debits_posted + coalesce(sum(b.debits_posted), 0) as debits,
      a.credits_posted + coalesce(sum(b.credits_posted), 0) as credits,
      a.debits_pending + coalesce(sum(b.debits_pending), 0) as held,
      a.credits_pending + coalesce(sum(b.credits_pending), 0) as expected,
      a.version + coalesce(sum(b.version), 0)::bigint as version,
      greatest(a.updated_at, max(b.updated_at)) as updated_at
    from ledger_sub_balances as b
    where b.account_id = a.id
  ) as t
);
