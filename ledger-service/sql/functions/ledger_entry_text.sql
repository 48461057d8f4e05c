-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- Everything that an entry says, the same on every server and in every time zone.
create or replace function ledger_entry_text(e ledger_entries) returns text
language sql immutable parallel safe
return concat_ws(
  '|', e.xid, e.id, e.account_id, e.sub, e.version, e.amount, e.balance_after, e.transfer_id,
  (extract(epoch from e.recorded_at) * 1000000)::bigint,
  coalesce((extract(epoch from e.effective_at) * 1000000)::bigint::text, '')
);
