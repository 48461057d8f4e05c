-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- The members of `extra` that name a field.
create or replace function ledger_field_error(pointer text, detail text) returns text
language sql immutable parallel safe
return ',"errors":[{"pointer":"' || pointer || '","detail":' || to_json(detail)::text || '}]';
