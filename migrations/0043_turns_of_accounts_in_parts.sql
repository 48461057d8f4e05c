-- An account in parts is not closed while money is on its way to it, and of two reverts between such accounts the second
-- hears of the first. Where there is no limit nothing is said of what is available.

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
    select a.debits_posted + coalesce(sum(b.debits_posted), 0)::bigint as debits,
      a.credits_posted + coalesce(sum(b.credits_posted), 0)::bigint as credits,
      a.debits_pending + coalesce(sum(b.debits_pending), 0)::bigint as held,
      a.credits_pending + coalesce(sum(b.credits_pending), 0)::bigint as expected,
      a.version + coalesce(sum(b.version), 0)::bigint as version,
      greatest(a.updated_at, max(b.updated_at)) as updated_at
    from ledger_sub_balances as b
    where b.account_id = a.id
  ) as t
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
  fault text;
  minor bigint;
  code text; detail text; extra text := '';
  parts bigint; in_use boolean;
begin
  select l.* into a from ledger_accounts as l where l.id = id for no key update;
  if new_status = 'closed' and a.sub_balances > 0 then
    -- A posting locks a part and not the account's row: those under way end first, and later ones read what comes of this.
    lock table ledger_sub_balances in exclusive mode;
  end if;
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

-- Moves a transfer's amount back, once.
create or replace function ledger_revert(
  transfer_id uuid, new_id uuid, description text, scope text, key text, hash bytea, instance text, request_id text,
  problems text
) returns table (status smallint, body text, replayed boolean)
language plpgsql as $$
#variable_conflict use_variable
declare
  t ledger_transfers;
  r record;
begin
  -- Of two at once the second waits here, where it holds nothing else: between accounts in parts no other lock is theirs both.
  select f.* into t from ledger_transfers as f where f.id = transfer_id for no key update;
  if t.id is not null then
    return query
      select p.status, p.body, p.replayed
      from ledger_post(
        accounts => array[least(t.source_account_id, t.destination_account_id), greatest(t.source_account_id, t.destination_account_id)],
        ids => array[new_id],
        sources => array[case when t.destination_account_id < t.source_account_id then 1 else 2 end],
        destinations => array[case when t.destination_account_id < t.source_account_id then 2 else 1 end],
        amounts => array[t.amount / 10::numeric ^ t.exponent::numeric], types => array['revert'], scopes => array[scope],
        keys => array[key], hashes => array[hash], instances => array[instance], request_ids => array[request_id],
        descriptions => array[description], reverts => array[transfer_id], problems => problems
      ) as p;
    return;
  end if;
  select f.* into r from ledger_known_answer(scope, key, hash, instance, request_id, problems) as f;
  if found then
    return query select r.status, r.body, r.replayed;
    return;
  end if;
  status := 404; replayed := false;
  body := ledger_problem(problems, 'transfer_not_found', 'There is no such transfer', instance, request_id);
  perform ledger_keep_answer(scope, key, hash, status, body);
  return next;
end
$$;
