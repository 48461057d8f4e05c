-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- Why a caller has no hold of this id: it was declined, or there is none that they may settle.
create or replace function ledger_no_hold(
  id uuid, scope text, instance text, request_id text, problems text, out status smallint, out body text
)
language plpgsql stable as $$
#variable_conflict use_variable
declare
  reason text := (
    select d.reason from ledger_declines as d where d.id = id and (d.scope = scope or scope = 'platform')
  );
  -- A replica of before declines had a code of their own does not know it, and says what it said then.
  code constant text := case
    when reason is not null and (problems::jsonb) ? 'authorization_declined' then 'authorization_declined'
    else 'authorization_not_found'
  end;
begin
  status := ((problems::jsonb) -> code ->> 'status')::smallint;
  body := ledger_problem(
    problems, code,
    case code when 'authorization_declined' then 'The purchase was declined: nothing is reserved' else 'There is no such authorization' end,
    instance, request_id, coalesce(',"authorizationId":"' || id::text || '","reason":"' || reason || '"', '')
  );
end
$$;
