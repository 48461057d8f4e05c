-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- Announces captures as they were written, in their order: the transfer for whoever follows balances, the hold for whoever
-- follows authorizations. By capture: the hold after it, and what was released with it.
create or replace function ledger_announce_captures(transfers ledger_transfers[], holds ledger_holds[], released bigint[])
returns void
language plpgsql as $$
declare
  occurred constant text := ledger_time((transfers[1]).recorded_at);
begin
  insert into outbox (subject, message_id, payload, headers)
  select e.subject, e.subject || ':' || t.id::text, e.payload, coalesce(t.headers, z.headers, '{}')
  from generate_series(1, cardinality(transfers)) as k (n)
  cross join lateral (select (transfers[k.n]).*) as t
  cross join lateral (select (holds[k.n]).*) as z
  cross join lateral (values
    ('transaction.completed', jsonb_strip_nulls(jsonb_build_object(
      'transferId', t.id, 'type', 'capture', 'status', 'complete', 'holdId', z.id,
      'sourceAccountId', t.source_account_id, 'destinationAccountId', t.destination_account_id,
      'amount', ledger_decimal(t.amount, t.exponent), 'currency', t.currency,
      'sourceVersion', t.source_version, 'sourceSub', t.source_sub, 'destinationVersion', t.destination_version,
      'destinationSub', t.destination_sub, 'referenceId', t.reference_id, 'occurredAt', occurred
    ))),
    ('authorization.captured', jsonb_build_object(
      'authorizationId', z.id, 'userId', z.owner_id, 'accountId', z.account_id, 'accountVersion', t.source_version,
      'transferId', t.id, 'capturedAmount', ledger_decimal(t.amount, z.exponent),
      'releasedAmount', ledger_decimal(released[k.n], z.exponent), 'currency', z.currency,
      'status', case z.status when 'open' then 'approved' else z.status end, 'referenceId', z.reference_id,
      'groupId', z.group_id, 'occurredAt', occurred
    ))
  ) as e (subject, payload);
end
$$;
