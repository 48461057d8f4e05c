-- The one check that money needs in every statement, in its shortest form: it is read and planned anew each time, and
-- greatest() was half of it.

-- What was in use above a limit when that was lowered, and not all of it, as overlimit_use was. It only falls.
alter table ledger_accounts drop constraint ledger_accounts_limit_kept;
alter table ledger_accounts rename column overlimit_use to overlimit;
update ledger_accounts set overlimit = greatest(overlimit - credit_limit, 0) where overlimit > 0;
-- Without a limit it is null, and kept.
alter table ledger_accounts add constraint ledger_accounts_limit_kept check (
  debits_posted + debits_pending - credits_posted <= credit_limit + overlimit
);

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
  minor bigint;
  code text; detail text; extra text := '';
  parts bigint; in_use boolean;
begin
  select l.* into a from ledger_accounts as l where l.id = id for no key update;
  select coalesce(sum(b.version), 0), coalesce(bool_or(
      b.debits_posted <> b.credits_posted or b.debits_pending > 0 or b.credits_pending > 0), false)
    into parts, in_use from ledger_sub_balances as b where b.account_id = id;
  minor := (new_limit * 10::numeric ^ a.exponent::numeric);
  if a.id is null then
    code := 'account_not_found'; detail := 'There is no such account';
  elsif a.version + parts <> expected then
    code := 'version_mismatch'; detail := 'The account is at version ' || (a.version + parts); extra := ',"version":' || (a.version + parts);
  elsif a.status = 'closed' then
    code := 'account_not_open'; detail := 'A closed account does not change';
  elsif new_limit is not null and a.kind <> 'credit_line' then
    code := 'validation_failed'; detail := 'The body breaks a rule: see errors'; extra := ledger_field_error('/creditLimit', 'is of credit lines alone');
  elsif new_limit is not null and minor <> new_limit * 10::numeric ^ a.exponent::numeric then
    code := 'validation_failed'; detail := 'The body breaks a rule: see errors'; extra := ledger_field_error('/creditLimit', a.currency || ' has ' || a.exponent || ' decimal places');
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

-- Ends open holds whose accounts are locked: gives back what is open of them and announces it.
create or replace function ledger_close_holds(ids uuid[], outcome text, moment timestamptz) returns void
language plpgsql as $$
begin
  with closing as (
    select z.id, z.account_id, z.owner_id, z.open, z.exponent, z.currency, z.reference_id, z.group_id,
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
  insert into outbox (subject, message_id, payload)
  select 'authorization.' || outcome, 'authorization.' || outcome || ':' || c.id::text,
    jsonb_build_object(
      'authorizationId', c.id, 'userId', c.owner_id, 'accountId', c.account_id, 'accountVersion', c.version,
      'releasedAmount', ledger_decimal(c.open, c.exponent), 'currency', c.currency,
      'referenceId', c.reference_id, 'groupId', c.group_id, 'occurredAt', ledger_time(moment)
    )
  from closing as c;
end
$$;
