-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- Opens an account, and gives it an opening balance by a transfer from another; both or neither. With the first credit
-- line in a currency comes the account that captures settle to.
-- opening and credit_limit are decimals. payer: a user who may only give from wallets of their own.
create or replace function ledger_open_account(
  id uuid, external_id text, kind text, currency text, exponent smallint, owner_id uuid, name text,
  credit_limit numeric, sub_balances smallint, actor text,
  funding_id uuid, opening numeric, transfer_id uuid, payer uuid,
  scope text, key text, hash bytea, instance text, request_id text, problems text, offer_id uuid default null,
  headers jsonb default null
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
    if kind = 'credit_line' then perform ledger_open_settlement(currency, exponent, headers); end if;
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
    insert into outbox (subject, message_id, payload, headers)
    values ('account.created', 'account.created:' || id::text, jsonb_strip_nulls(jsonb_build_object(
      'accountId', id, 'version', 1, 'kind', kind, 'currency', currency, 'ownerId', owner_id, 'externalId', external_id,
      'creditLimit', round(credit_limit, exponent)::text, 'offerId', offer_id, 'occurredAt', ledger_time(moment)
    )), coalesce(headers, '{}'));
    if opening > 0 then
      select p.status, p.body into status, body
      from ledger_post(
        accounts => array[least(funding_id, id), greatest(funding_id, id)], ids => array[transfer_id],
        sources => array[case when funding_id < id then 1 else 2 end],
        destinations => array[case when funding_id < id then 2 else 1 end],
        amounts => array[opening], types => array['opening'], scopes => array[scope], owners => array[payer],
        instances => array[instance], request_ids => array[request_id], atomic => true, problems => problems,
        headers => array[headers]
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
