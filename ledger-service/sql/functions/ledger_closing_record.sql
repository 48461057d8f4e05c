-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- And how it ended. What was captured until then is told by its captures.
create or replace function ledger_closing_record(h ledger_holds) returns text
language sql stable parallel safe
return array[
  'closing of hold', h.id::text, h.status, h.captured::text, h.voided::text, h.expired::text, h.closed_version::text,
  ledger_moment(h.updated_at), h.closed_xid::text
]::text;
