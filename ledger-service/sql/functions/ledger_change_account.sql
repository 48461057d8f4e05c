-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- Changes an account's limit (a decimal) or its status, if it still has the version that the caller has seen; expected
-- null is whatever version it has.
create or replace function ledger_change_account(
  id uuid, expected bigint, new_limit numeric, new_status text, actor text, reason text,
  instance text, request_id text, problems text, headers jsonb default null
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
  -- Why it must stay open.
  partner uuid; need text;
begin
  select l.* into a from ledger_accounts as l where l.id = id for no key update;
  if new_status = 'closed' then
    -- Whoever names a partner's settlement account locks it: nobody does in between.
    partner := (select p.id from ledger_partners as p where p.settlement_account_id = id order by p.id limit 1);
    need := case
      when partner is not null then 'Captures of a partner settle to it: give the partner another account first'
      when a.external_id in ('settlement:' || a.currency, 'house:funding:' || a.currency) then 'It is the ledger''s own'
    end;
  end if;
  fault := ledger_limit_fault(new_limit, a.currency, a.exponent);
  -- A posting locks a part and not the account's row. Before an account in parts is closed those under way end, and later
  -- ones wait: it is looked at once more under their table's lock. What is refused anyway makes nobody wait.
  for look in 1..2 loop
    select coalesce(sum(b.version), 0),
        coalesce(sum(b.debits_posted) <> sum(b.credits_posted) or sum(b.debits_pending + b.credits_pending) > 0, false)
      into parts, in_use from ledger_sub_balances as b where b.account_id = id;
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
    elsif need is not null then
      -- A replica of before this code was made does not know it.
      code := case when (problems::jsonb) ? 'account_needed' then 'account_needed' else 'account_in_use' end;
      detail := need; extra := coalesce(',"partnerId":"' || partner::text || '"', '');
    elsif new_status = 'closed' and (
      in_use or a.debits_posted <> a.credits_posted or a.debits_pending > 0 or a.credits_pending > 0
    ) then
      code := 'account_in_use'; detail := 'An account is closed when its balance is 0 and nothing is on hold';
    end if;
    exit when code is not null or new_status is distinct from 'closed' or a.sub_balances = 0;
    lock table ledger_sub_balances in exclusive mode;
  end loop;
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
  insert into outbox (subject, message_id, payload, headers)
  values ('account.updated', 'account.updated:' || id::text || ':' || a.version::text, jsonb_strip_nulls(jsonb_build_object(
    'accountId', id, 'version', a.version, 'status', a.status, 'currency', a.currency,
    'creditLimit', ledger_decimal(case when a.kind = 'credit_line' then a.credit_limit end, a.exponent),
    'ownerId', a.owner_id, 'reason', reason, 'occurredAt', ledger_time(moment)
  )), coalesce(headers, '{}'));
  status := 200; body := ledger_account_json(a); version := a.version + parts;
  return next;
end
$$;
