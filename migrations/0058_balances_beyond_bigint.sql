-- An account in parts may have more in all of them together than one counter can count: such sums are numerics.

-- Minor units as a decimal: 1250 with exponent 2 is 12.50.
create function ledger_decimal(minor numeric, exponent smallint) returns text
language sql immutable parallel safe
return (minor * (array[1::numeric, 0.1, 0.01, 0.001, 0.0001])[exponent + 1])::text;

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

-- credits - debits posted by then, in minor units: by the time of recording, or by the effective time.
drop function ledger_balance_at;
create function ledger_balance_at(account uuid, at timestamptz, effective boolean) returns numeric
language sql stable
return (
  select coalesce(sum(e.balance_after), 0)
  from ledger_accounts as a
  cross join generate_series(least(a.sub_balances, 1), a.sub_balances) as part
  join ledger_entries as e
    on e.account_id = a.id and e.sub = part and e.version = ledger_version_at(a.id, part::smallint, at)
  where a.id = account
) + case when not effective then 0 else (
  select coalesce(sum(case when e.recorded_at <= at then -e.amount else e.amount end), 0)
  from ledger_entries as e
  where e.account_id = account and e.effective_at is not null and (e.recorded_at <= at) <> (e.effective_at <= at)
) end;
