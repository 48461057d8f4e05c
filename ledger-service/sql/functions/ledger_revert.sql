-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- Moves a transfer's amount back, once. effective_at: from when it counts, null is now.
create or replace function ledger_revert(
  transfer_id uuid, new_id uuid, description text, scope text, key text, hash bytea, instance text, request_id text,
  problems text, headers jsonb default null, effective_at timestamptz default null
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
        descriptions => array[description], effective => array[effective_at], reverts => array[transfer_id],
        problems => problems, headers => array[headers]
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
