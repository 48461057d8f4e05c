-- What a stored answer tells of a transfer, an authorization or an account is what the ledger holds
--
-- What can change after the answer is left out: how a transfer that waited went on, what was captured since. So are the
-- times of authorizations, which the chain covers: tests let them pass.
with answers as (
  select caller_id || ' ' || idempotency_key as subject, pg_temp.ledger_json(response_body) as body, response_status as status
  from idempotency_keys
  where caller_id = 'platform' or caller_id like 'user:%' or caller_id like 'partner:%'
),
-- A batch tells of many transfers, a group of many authorizations or captures, and a capture of its authorization.
items as (
  select a.subject, coalesce(i.item -> 'transfer', i.item -> 'problem', i.item) as body
  from answers as a
  cross join jsonb_array_elements(case jsonb_typeof(a.body -> 'items') when 'array' then a.body -> 'items' else '[]' end) as i (item)
),
told as (
  select subject, body from answers
  union all
  select subject, body from items
  union all
  select a.subject, a.body -> 'authorization' from (select subject, body from answers union all table items) as a where a.body ? 'authorization'
),
named as (
  select subject, body, case when id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then id::uuid end as id
  from (select subject, body, coalesce(body ->> 'transferId', body ->> 'id') as id from told) as t
),
of_transfers as (
  select n.subject, n.body, t.id, ledger_transfer_json(t)::jsonb - f.free as holds, n.body - f.free as tells,
    case n.body ->> 'status'
      when 'complete' then t.status in ('complete', 'rollback')
      when 'rollback' then t.status = 'rollback'
      when 'failed' then t.status = 'failed' and n.body ->> 'failureReason' = t.failure_code
      when 'pending' then t.status in ('pending', 'failed') or t.attempts > 0
      else false
    end
    and n.body ->> 'effectiveAt' in (
      ledger_time(coalesce(t.effective_at, t.recorded_at)), ledger_time(coalesce(t.effective_at, t.last_attempt_at, t.recorded_at))
    )
    and coalesce(n.body ->> 'revertedByTransferId' = t.reverted_by_id::text, not n.body ? 'revertedByTransferId') as fits
  from named as n
  cross join (values (array[
    'status', 'effectiveAt', 'revertedByTransferId', 'failureReason', 'attempts', 'lastError', 'lastAttemptAt', 'nextAttemptAt'
  ])) as f (free)
  left join ledger_transfers as t on t.id = n.id
  where n.body ? 'sourceAccountId'
),
of_authorizations as (
  select n.subject, n.body, coalesce(h.id, d.id) as id,
    coalesce(
      ledger_authorization_json(h)::jsonb,
      ledger_decline_json(
        d.id, d.owner_id, d.amount, d.currency, d.reason, d.reference_id, d.group_id, d.decided_at, '', d.external_user_id
      )::jsonb
    ) as holds,
    n.body - array['decidedAt', 'expiresAt', 'available'] - case
      when n.body ->> 'status' = 'approved' then array['status', 'capturedAmount', 'releasedAmount', 'openAmount']
      else '{}'
    end as tells,
    true as fits
  from named as n
  left join ledger_holds as h on h.id = n.id
  left join ledger_declines as d on d.id = n.id
  where n.body ? 'decidedAt'
),
of_captures as (
  select n.subject, n.body, t.id,
    jsonb_build_object('amount', ledger_decimal(t.amount, t.exponent), 'currency', t.currency, 'id', t.hold_id) as holds,
    jsonb_build_object('amount', n.body -> 'amount', 'currency', n.body -> 'currency', 'id', n.body -> 'authorization' -> 'id') as tells,
    true as fits
  from named as n
  left join ledger_transfers as t on t.id = n.id
  where n.body ? 'authorization'
),
of_refusals as (
  select n.subject, n.body, t.id, jsonb_build_object('code', t.failure_code) as holds,
    jsonb_build_object('code', n.body -> 'code') as tells, t.status = 'failed' as fits
  from named as n
  left join ledger_transfers as t on t.id = n.id
  where n.body ? 'code' and n.body ? 'transferId'
),
of_accounts as (
  select n.subject, n.body, a.id, ledger_account_json(a)::jsonb - f.free as holds, n.body - f.free as tells, true as fits
  from named as n
  cross join (values (array[
    'status', 'balance', 'creditLimit', 'available', 'debitsPosted', 'creditsPosted', 'debitsPending', 'creditsPending', 'version',
    'updatedAt'
  ])) as f (free)
  left join ledger_accounts as a on a.id = n.id
  where n.body ? 'kind' and n.body ? 'createdAt'
)
select subject, 'its answer cannot be read' as detail from answers where body is null
union all
select subject, 'is kept with status ' || status || ', and its answer is ' || coalesce(body ->> 'code', 'no refusal')
from answers
where (status >= 400) <> (body ? 'code') or status >= 400 and body ->> 'status' <> status::text
union all
select subject, 'tells of ' || coalesce(body ->> 'transferId', body ->> 'id', 'nothing') || case
    when id is null then ', which is not there'
    when holds @> tells then ' in a state that it never had'
    else ': ' || (select string_agg(key || ' ' || coalesce(value, 'null') || ' instead of ' || coalesce(holds ->> key, 'nothing'), ', ')
      from jsonb_each_text(tells) where holds -> key is distinct from tells -> key)
  end
from (
  table of_transfers union all table of_authorizations union all table of_captures union all table of_refusals
  union all table of_accounts
) as answered
where id is null or not holds @> tells or fits is not true
