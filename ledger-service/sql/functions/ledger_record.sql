-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- Of a transfer that was posted. Its status and reverted_by_id follow from the transfer that reverts it.
create or replace function ledger_record(t ledger_transfers) returns text
language sql stable parallel safe
return array[
  'transfer', t.id::text, t.entry_id::text, t.destination_entry_id::text, t.type, t.source_account_id::text,
  t.destination_account_id::text, t.amount::bigint::text, t.currency::text, t.exponent::text, t.source_sub::text,
  t.source_version::text, t.source_balance::text, t.destination_sub::text, t.destination_version::text,
  t.destination_balance::text, t.scope, t.reference_id, t.description, ledger_moment(t.effective_at),
  ledger_moment(t.recorded_at), t.hold_id::text, t.reverts_id::text, t.attempts::text, t.last_error,
  ledger_moment(t.last_attempt_at), ledger_moment(t.waits_from), t.headers::text, t.xid::text
]::text;

-- A hold as it was placed.
create or replace function ledger_record(h ledger_holds) returns text
language sql stable parallel safe
return array[
  'hold', h.id::text, h.account_id::text, h.destination_account_id::text, h.owner_id::text, h.amount::text,
  h.currency, h.exponent::text, h.scope, h.reference_id, h.group_id::text, h.placed_version::text,
  ledger_moment(h.placed_at), ledger_moment(h.expires_at), h.external_user_id, h.headers::text, h.xid::text
]::text;

create or replace function ledger_record(d ledger_declines) returns text
language sql stable parallel safe
return array[
  'decline', d.id::text, d.owner_id::text, d.account_id::text, d.reason, d.amount::text, d.currency, d.scope,
  d.reference_id, d.group_id::text, d.external_user_id, ledger_moment(d.decided_at), d.xid::text
]::text;

-- An account's opening carries what the account is for ever.
create or replace function ledger_record(c ledger_account_changes, a ledger_accounts) returns text
language sql stable parallel safe
return array[
  'account change', c.account_id::text, c.version::text, c.change, c.credit_limit::text, c.status, c.actor, c.reason,
  ledger_moment(c.recorded_at), a.external_id, a.kind::text, a.currency::text, a.exponent::text, a.owner_id::text, a.name,
  a.offer_id::text, a.sub_balances::text, ledger_moment(a.created_at), c.xid::text
]::text;

create or replace function ledger_record(s ledger_saga_actions) returns text
language sql stable parallel safe
return array[
  'saga action', s.saga_id::text, s.id::text, s.action, s.actor, s.reason, s.state_before, s.step_before,
  ledger_moment(s.done_at), s.xid::text
]::text;
