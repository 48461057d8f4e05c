-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- Ends open holds whose accounts are locked: gives back what is open of them and announces it. headers: what the events
-- carry along; null is what the hold came with.
create or replace function ledger_close_holds(
  ids uuid[], outcome text, moment timestamptz, headers jsonb[] default null
) returns void
language plpgsql as $$
begin
  with closing as (
    select z.id, z.account_id, z.owner_id, z.open, z.exponent, z.currency, z.reference_id, z.group_id,
      coalesce(ledger_close_holds.headers[array_position(ids, z.id)], z.headers, '{}') as headers,
      a.version + row_number() over (partition by z.account_id order by z.id) as version
    from ledger_holds as z join ledger_accounts as a on a.id = z.account_id
    where z.id = any (ids) and z.status = 'open'
  ), closed as (
    update ledger_holds as z
    set voided = z.voided + case outcome when 'voided' then c.open else 0 end,
      expired = z.expired + case outcome when 'expired' then c.open else 0 end,
      status = outcome, closed_version = c.version, updated_at = moment
    from closing as c where z.id = c.id
  ), released as (
    update ledger_accounts as a
    set debits_pending = a.debits_pending - c.open, version = c.version, updated_at = moment,
      overlimit = least(
        a.overlimit, greatest(a.debits_posted + a.debits_pending - c.open - a.credits_posted - a.credit_limit, 0)
      )
    from (select account_id, sum(open)::bigint as open, max(version) as version from closing group by account_id) as c
    where a.id = c.account_id
  )
  insert into outbox (subject, message_id, payload, headers)
  select 'authorization.' || outcome, 'authorization.' || outcome || ':' || c.id::text,
    jsonb_build_object(
      'authorizationId', c.id, 'userId', c.owner_id, 'accountId', c.account_id, 'accountVersion', c.version,
      'releasedAmount', ledger_decimal(c.open, c.exponent), 'currency', c.currency,
      'referenceId', c.reference_id, 'groupId', c.group_id, 'occurredAt', ledger_time(moment)
    ), c.headers
  from closing as c;
end
$$;
