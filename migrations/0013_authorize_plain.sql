-- A single purchase that is approved, which is nearly every one, takes a path without arrays.

-- The plain case: one purchase that is approved. Null: it is not that, nothing was written, and ledger_authorize decides.
-- Locks and results are those of ledger_authorize, which has claimed the key and the reference.
create function ledger_authorize_plain(
  id uuid, owner_id uuid, amount numeric, currency text, scope text, seconds integer, key text, hash bytea,
  reference_id text, group_id uuid, automatic boolean, max_amount numeric, velocity_seconds integer,
  velocity_count integer, velocity_amount numeric, saga_step_seconds integer
) returns text
language plpgsql as $$
#variable_conflict use_variable
declare
  a record;
  moment timestamptz; expires timestamptz; scaled numeric; minor bigint; body text; lately integer; spent numeric;
begin
  if key is not null then
    perform from idempotency_keys as f where f.caller_id = scope and f.idempotency_key = key;
    if found then return null; end if;
  end if;
  if reference_id is not null then
    perform from ledger_holds as h where h.scope = scope and h.reference_id = reference_id;
    if found then return null; end if;
    perform from ledger_declines as d where d.scope = scope and d.reference_id = reference_id;
    if found then return null; end if;
  end if;
  select l.id, l.status, l.exponent, l.version, l.updated_at,
    l.credit_limit + l.credits_posted - l.debits_posted - l.debits_pending as available
  into a
  from ledger_accounts as l
  where l.owner_id = owner_id and l.currency = currency and l.kind = 'credit_line' and l.status <> 'closed'
  for no key update;
  if not found or a.status <> 'open' or amount > max_amount then return null; end if;
  scaled := amount * 10::numeric ^ a.exponent::numeric;
  if scaled <> trunc(scaled) or scaled <= 0 or scaled > a.available then return null; end if;
  minor := scaled;
  moment := greatest(clock_timestamp(), a.updated_at);
  if velocity_count is not null or velocity_amount is not null then
    select count(*), sum(h.amount) into lately, spent
    from ledger_holds as h
    where h.account_id = a.id and h.placed_at > moment - make_interval(secs => velocity_seconds);
    if lately >= velocity_count
      or coalesce(spent, 0) + minor > velocity_amount * 10::numeric ^ a.exponent::numeric
    then
      return null;
    end if;
  end if;
  expires := moment + make_interval(secs => seconds);
  body := ledger_authorization_json(
    id, 'open', owner_id, a.id, minor, 0, 0, a.exponent, currency, reference_id, group_id, moment, expires
  );
  update ledger_accounts as l
  set debits_pending = l.debits_pending + minor, version = a.version + 1, updated_at = moment
  where l.id = a.id;
  insert into ledger_holds (
    id, account_id, owner_id, amount, exponent, currency, scope, reference_id, group_id, placed_version, placed_at,
    expires_at, updated_at
  ) values (
    id, a.id, owner_id, minor, a.exponent, currency, scope, reference_id, group_id, a.version + 1, moment, expires, moment
  );
  if automatic then
    insert into ledger_sagas (id, step, step_deadline, next_attempt_at, created_at, updated_at)
    values (id, 'post', moment + make_interval(secs => saga_step_seconds), moment, moment, moment);
  end if;
  if key is not null then
    insert into idempotency_keys (caller_id, idempotency_key, request_hash, response_status, response_body)
    values (scope, key, hash, 201, body);
  end if;
  insert into outbox (subject, message_id, payload)
  values ('authorization.approved', 'authorization.approved:' || id::text, jsonb_build_object(
    'authorizationId', id, 'userId', owner_id, 'accountId', a.id, 'accountVersion', a.version + 1,
    'amount', ledger_decimal(minor, a.exponent), 'currency', currency, 'reason', null,
    'referenceId', reference_id, 'groupId', group_id, 'occurredAt', ledger_time(moment)
  ));
  return body;
end
$$;
