-- A credit line that an operator opens has an account to settle to as well: without one its purchases were approved and
-- could not be captured. And a limit has no more places than its currency, nor more than the counters can hold.

-- What is wrong with a limit, a decimal; null where nothing is, or there is none. With what an account may receive
-- (4 * 10^18 minor units) the largest is still a bigint.
create function ledger_limit_fault(amount numeric, currency text, exponent smallint) returns text
language sql immutable parallel safe
return case
  when amount * 10::numeric ^ exponent::numeric <> trunc(amount * 10::numeric ^ exponent::numeric)
    then currency || ' has ' || exponent || ' decimal places'
  when amount * 10::numeric ^ exponent::numeric > 1000000000000000000
    then 'must be at most ' || ledger_decimal(1000000000000000000, exponent)
end;

-- Makes sure that there is an account to which captures in a currency settle.
create function ledger_open_settlement(currency text, exponent smallint) returns void
language plpgsql as $$
#variable_conflict use_variable
declare
  house constant text := 'settlement:' || currency;
begin
  if exists (select from ledger_accounts as a where a.external_id = house) then return; end if;
  -- Every capture credits it: sixteen parts, so that captures at the same time do not wait for one another. Where two
  -- openings make it at once, one of them finds it made.
  perform ledger_open_account(
    id => ledger_new_id(), external_id => house, kind => 'system', currency => currency, exponent => exponent,
    owner_id => null, name => 'Settlement in ' || currency, credit_limit => null, sub_balances => 16::smallint,
    actor => 'credit-lines', funding_id => null, opening => null, transfer_id => null, payer => null,
    scope => 'platform', key => null, hash => null, instance => '', request_id => '',
    problems => '{"account_exists":{"status":409,"title":""}}'
  );
end
$$;

-- Opens an account, and gives it an opening balance by a transfer from another; both or neither. With the first credit
-- line in a currency comes the account that captures settle to.
-- opening and credit_limit are decimals. payer: a user who may only give from wallets of their own.
create or replace function ledger_open_account(
  id uuid, external_id text, kind text, currency text, exponent smallint, owner_id uuid, name text,
  credit_limit numeric, sub_balances smallint, actor text,
  funding_id uuid, opening numeric, transfer_id uuid, payer uuid,
  scope text, key text, hash bytea, instance text, request_id text, problems text, offer_id uuid default null
) returns table (status smallint, body text, replayed boolean)
language plpgsql as $$
#variable_conflict use_variable
declare
  moment timestamptz := clock_timestamp();
  fault constant text := ledger_limit_fault(credit_limit, currency, exponent);
  made boolean;
  r record;
begin
  select f.* into r from ledger_known_answer(scope, key, hash, instance, request_id, problems) as f;
  if found then
    return query select r.status, r.body, r.replayed;
    return;
  end if;
  begin
    if fault is not null then
      status := 422;
      body := ledger_problem(problems, 'validation_failed', 'The body breaks a rule: see errors', instance, request_id, ledger_field_error('/creditLimit', fault));
      raise exception using errcode = 'LR001';
    end if;
    if kind = 'credit_line' then perform ledger_open_settlement(currency, exponent); end if;
    insert into ledger_accounts (
      id, external_id, kind, currency, exponent, owner_id, name, offer_id, sub_balances, credit_limit, created_at, updated_at
    ) values (
      id, external_id, kind, currency, exponent, owner_id, name, offer_id, sub_balances,
      case when kind = 'wallet' then 0 else (credit_limit * 10::numeric ^ exponent::numeric)::bigint end, moment, moment
    )
    on conflict do nothing
    returning true into made;
    if made is null then
      status := 409;
      body := ledger_problem(problems, 'account_exists', 'There is such an account already', instance, request_id);
      raise exception using errcode = 'LR001';
    end if;
    insert into ledger_sub_balances (account_id, sub, updated_at)
    select id, n, moment from generate_series(1, sub_balances) as n;
    insert into ledger_account_changes (account_id, version, change, credit_limit, status, actor, recorded_at)
    select a.id, 1, 'opened', a.credit_limit, a.status, actor, moment from ledger_accounts as a where a.id = id;
    insert into outbox (subject, message_id, payload)
    values ('account.created', 'account.created:' || id::text, jsonb_strip_nulls(jsonb_build_object(
      'accountId', id, 'version', 1, 'kind', kind, 'currency', currency, 'ownerId', owner_id, 'externalId', external_id,
      'creditLimit', round(credit_limit, exponent)::text, 'offerId', offer_id, 'occurredAt', ledger_time(moment)
    )));
    if opening > 0 then
      select p.status, p.body into status, body
      from ledger_post(
        accounts => array[least(funding_id, id), greatest(funding_id, id)], ids => array[transfer_id],
        sources => array[case when funding_id < id then 1 else 2 end],
        destinations => array[case when funding_id < id then 2 else 1 end],
        amounts => array[opening], types => array['opening'], scopes => array[scope], owners => array[payer],
        instances => array[instance], request_ids => array[request_id], atomic => true, problems => problems
      ) as p;
      if status <> 201 then
        body := replace(replace(body, '"/sourceAccountId"', '"/fundingAccountId"'), '"/amount"', '"/openingBalance"');
        raise exception using errcode = 'LR001';
      end if;
    end if;
    status := 201;
    select ledger_account_json(a) into body from ledger_accounts as a where a.id = id;
  exception when sqlstate 'LR001' then
    -- Undone; status and body say why.
  end;
  perform ledger_keep_answer(scope, key, hash, status, body);
  replayed := false;
  return next;
end
$$;

-- Changes an account's limit (a decimal) or its status, if it still has the version that the caller has seen.
create or replace function ledger_change_account(
  id uuid, expected bigint, new_limit numeric, new_status text, actor text, reason text,
  instance text, request_id text, problems text
) returns table (status smallint, body text, version bigint)
language plpgsql as $$
#variable_conflict use_variable
declare
  a ledger_accounts;
  moment timestamptz;
  fault text;
  minor bigint;
  code text; detail text; extra text := '';
  parts bigint; in_use boolean;
begin
  select l.* into a from ledger_accounts as l where l.id = id for no key update;
  select coalesce(sum(b.version), 0), coalesce(bool_or(
      b.debits_posted <> b.credits_posted or b.debits_pending > 0 or b.credits_pending > 0), false)
    into parts, in_use from ledger_sub_balances as b where b.account_id = id;
  fault := ledger_limit_fault(new_limit, a.currency, a.exponent);
  if a.id is null then
    code := 'account_not_found'; detail := 'There is no such account';
  elsif a.version + parts <> expected then
    code := 'version_mismatch'; detail := 'The account is at version ' || (a.version + parts); extra := ',"version":' || (a.version + parts);
  elsif a.status = 'closed' then
    code := 'account_not_open'; detail := 'A closed account does not change';
  elsif new_limit is not null and a.kind <> 'credit_line' then
    code := 'validation_failed'; detail := 'The body breaks a rule: see errors'; extra := ledger_field_error('/creditLimit', 'is of credit lines alone');
  elsif fault is not null then
    code := 'validation_failed'; detail := 'The body breaks a rule: see errors'; extra := ledger_field_error('/creditLimit', fault);
  elsif new_status = 'closed' and (
    in_use or a.debits_posted <> a.credits_posted or a.debits_pending > 0 or a.credits_pending > 0
  ) then
    code := 'account_in_use'; detail := 'An account is closed when its balance is 0 and nothing is on hold';
  end if;
  if code is not null then
    status := ((problems::jsonb) -> code ->> 'status')::smallint;
    body := ledger_problem(problems, code, detail, instance, request_id, extra);
    return next;
    return;
  end if;
  minor := new_limit * 10::numeric ^ a.exponent::numeric;
  moment := greatest(clock_timestamp(), a.updated_at);
  update ledger_accounts as l
  set credit_limit = coalesce(minor, l.credit_limit), status = coalesce(new_status, l.status),
    -- What is used above the new limit stays, and nothing new fits.
    overlimit = greatest(l.debits_posted + l.debits_pending - l.credits_posted - coalesce(minor, l.credit_limit), 0),
    version = l.version + 1, updated_at = moment
  where l.id = id
  returning l.* into a;
  insert into ledger_account_changes (account_id, version, change, credit_limit, status, actor, reason, recorded_at)
  values (id, a.version, case when minor is null then 'status' else 'limit' end, a.credit_limit, a.status, actor, reason, moment);
  insert into outbox (subject, message_id, payload)
  values ('account.updated', 'account.updated:' || id::text || ':' || a.version::text, jsonb_strip_nulls(jsonb_build_object(
    'accountId', id, 'version', a.version, 'status', a.status, 'currency', a.currency,
    'creditLimit', ledger_decimal(case when a.kind = 'credit_line' then a.credit_limit end, a.exponent),
    'ownerId', a.owner_id, 'reason', reason, 'occurredAt', ledger_time(moment)
  )));
  status := 200; body := ledger_account_json(a); version := a.version + parts;
  return next;
end
$$;

-- Opens a person's credit line from an accepted offer, once. Returns opened; repeated where the offer has its line;
-- other_line where the person has one from another offer; busy while somebody else is opening one for the person; refused
-- where the limit is none that the currency can have.
create or replace function ledger_open_credit_line(
  id uuid, offer_id uuid, owner_id uuid, credit_limit numeric, currency text, exponent smallint
) returns text
language plpgsql as $$
#variable_conflict use_variable
declare
  opened smallint;
begin
  if not ledger_claim('platform', 'credit line of ' || owner_id::text) then return 'busy'; end if;
  if exists (select from ledger_accounts as a where a.offer_id = offer_id) then return 'repeated'; end if;
  if exists (
    select from ledger_accounts as a
    where a.owner_id = owner_id and a.currency = currency and a.kind = 'credit_line' and a.status <> 'closed'
  ) then
    return 'other_line';
  end if;
  select o.status into opened from ledger_open_account(
    id => id, external_id => null, kind => 'credit_line', currency => currency, exponent => exponent,
    owner_id => owner_id, name => null, credit_limit => credit_limit, sub_balances => 0::smallint,
    actor => 'credit-lines', funding_id => null, opening => null, transfer_id => null, payer => null,
    scope => 'platform', key => null, hash => null, instance => '', request_id => '', offer_id => offer_id,
    problems => '{"account_exists":{"status":409,"title":""},"validation_failed":{"status":422,"title":""}}'
  ) as o;
  -- An operator may have opened one by hand meanwhile.
  return case opened when 201 then 'opened' when 409 then 'other_line' else 'refused' end;
end
$$;

-- Lines that were opened without one.
select ledger_open_settlement(l.currency, l.exponent)
from (select distinct a.currency, a.exponent from ledger_accounts as a where a.kind = 'credit_line') as l;
