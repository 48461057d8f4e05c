-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- The answer to what is refused. problems: see ledger_problem.
create or replace function ledger_refuse(
  problems text, refusal ledger_refusal, instance text, request_id text, out status smallint, out body text
)
language plpgsql stable as $$
declare
  -- Of the whole list, which takes long to read.
  problem constant jsonb := problems::jsonb -> refusal.code;
begin
  status := problem ->> 'status';
  body := ledger_problem(
    jsonb_build_object(refusal.code, problem)::text, refusal.code, refusal.detail, instance, request_id, refusal.extra
  );
end
$$;
