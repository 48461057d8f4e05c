-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- A problem document (RFC 9457) as platform/http/problem.ts writes it. `problems` maps a code to its status and title;
-- `extra` holds further members, each with a comma before it.
create or replace function ledger_problem(
  problems text, code text, detail text, instance text, request_id text, extra text default ''
) returns text
language sql stable parallel safe
return '{"type":"/problems/' || code || '","title":' || ((problems::jsonb) -> code -> 'title')::text
  || ',"status":' || ((problems::jsonb) -> code -> 'status')::text
  || ',"detail":' || to_json(detail)::text || ',"instance":' || to_json(coalesce(instance, ''))::text
  || ',"code":"' || code || '","requestId":' || to_json(coalesce(request_id, ''))::text || extra || '}';
