-- Money: accounts with four counters each, double-entry transfers, holds, and what changed an account otherwise.

-- A check constraint of a table is read and planned again by every statement that writes to it; a domain's is kept by
-- the session, and looked at only for a column that is assigned.
create domain ledger_counter as bigint check (value >= 0);
create domain ledger_amount as bigint check (value > 0);
create domain ledger_movement as bigint check (value <> 0);
create domain ledger_currency as text collate "C" check (value ~ '^[A-Z]{3}$');
create domain ledger_exponent as smallint check (value between 0 and 4);
create domain ledger_account_kind as text collate "C" check (value in ('wallet', 'credit_line', 'bank', 'system'));
create domain ledger_account_status as text collate "C" check (value in ('open', 'frozen', 'closed'));
create domain ledger_transfer_status as text collate "C"
  check (value in ('pending', 'complete', 'failed', 'rollback'));

-- Amounts are minor units: the currency's exponent (ISO 4217) stands beside them. What an account may still give is
-- credit_limit + credits_posted - debits_posted - debits_pending; a wallet's limit is 0, and null is no limit at all.
create table ledger_accounts (
  id uuid primary key,
  -- The name that a client of another system gave the account.
  external_id text collate "C",
  kind ledger_account_kind not null,
  status ledger_account_status not null default 'open',
  currency ledger_currency not null,
  exponent ledger_exponent not null,
  -- The user that it belongs to; the house's own accounts have none.
  owner_id uuid,
  name text,
  -- The accepted offer that a credit line came from.
  offer_id uuid,
  -- How many rows of ledger_sub_balances carry its counters instead of this one; 0: this one does.
  sub_balances smallint not null default 0,
  credit_limit ledger_counter,
  -- What was in use above a limit when that was lowered below it. It only falls, as the use does.
  overlimit_use ledger_counter not null default 0,
  debits_posted ledger_counter not null default 0,
  credits_posted ledger_counter not null default 0,
  debits_pending ledger_counter not null default 0,
  credits_pending ledger_counter not null default 0,
  -- Counts every change of the row: the ETag, and what orders events. Who made each change is told by the one row of
  -- ledger_entries, ledger_holds or ledger_account_changes that carries it.
  version bigint not null default 1,
  created_at timestamptz not null,
  -- Never falls, so that versions and times of one account have one order.
  updated_at timestamptz not null,
  -- Where there is no limit (the house's accounts) there may be sub-balances.
  constraint ledger_accounts_limit_kept check (
    case
      when credit_limit is null then kind in ('bank', 'system') and sub_balances between 0 and 256
      else debits_posted + debits_pending - credits_posted <= greatest(credit_limit, overlimit_use)
        and kind in ('wallet', 'credit_line') and sub_balances = 0
    end
  )
) with (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.05);

create unique index ledger_accounts_external on ledger_accounts (external_id) where external_id is not null;
-- The list of a person's accounts, and of everybody's.
create index ledger_accounts_owner on ledger_accounts (owner_id, id) where owner_id is not null;
-- Authorizations look for the person's line here.
create unique index ledger_accounts_one_credit_line on ledger_accounts (owner_id, currency)
  where kind = 'credit_line' and status <> 'closed';
create unique index ledger_accounts_offer on ledger_accounts (offer_id) where offer_id is not null;

-- A hot account without a limit (the house, fees) spreads its counters: each database session takes one of the rows,
-- so that transfers at the same time do not wait for one another. The account's own counters stay 0, and its balance
-- is the sum.
create table ledger_sub_balances (
  account_id uuid not null references ledger_accounts (id),
  sub smallint not null,
  debits_posted ledger_counter not null default 0,
  credits_posted ledger_counter not null default 0,
  debits_pending ledger_counter not null default 0,
  credits_pending ledger_counter not null default 0,
  version bigint not null default 0,
  updated_at timestamptz not null,
  primary key (account_id, sub),
  constraint ledger_sub_balances_sub_positive check (sub > 0)
) with (fillfactor = 40, autovacuum_vacuum_scale_factor = 0.05);

-- No foreign keys from here to accounts: whoever writes has locked the accounts, and a check per row was a tenth of a
-- transfer. `npm run ledger:verify` looks for orphans.
create table ledger_transfers (
  id uuid primary key,
  type text collate "C" not null,
  status ledger_transfer_status not null,
  source_account_id uuid not null,
  destination_account_id uuid not null,
  amount ledger_amount not null,
  -- The accounts' versions that its two entries carry; null while nothing was moved. The sub-balances are 0 for an
  -- account without.
  source_version bigint,
  destination_version bigint,
  source_sub smallint,
  destination_sub smallint,
  exponent ledger_exponent not null,
  currency ledger_currency not null,
  -- Who may not use a reference twice: 'user:<id>', 'partner:<id>', or 'platform' for operators and services.
  scope text collate "C" not null,
  reference_id text collate "C",
  description text,
  -- Null: when it was recorded.
  effective_at timestamptz,
  recorded_at timestamptz not null,
  -- The hold that it captures.
  hold_id uuid,
  reverts_id uuid,
  reverted_by_id uuid,
  failure_code text,
  -- Of a transfer that waits for funds or for its time.
  attempts integer not null default 0,
  last_error text,
  last_attempt_at timestamptz,
  next_attempt_at timestamptz,
  constraint ledger_transfers_consistent check (
    source_account_id <> destination_account_id
    and (status in ('complete', 'rollback')) = (source_version is not null and destination_version is not null)
    and (status = 'failed') = (failure_code is not null)
    and (status = 'rollback') = (reverted_by_id is not null)
    and (status = 'pending') = (next_attempt_at is not null)
  )
) with (fillfactor = 90);

-- A business reference counts once, for ever; one that failed has moved nothing and may be used again.
create unique index ledger_transfers_reference on ledger_transfers (scope, type, reference_id)
  where reference_id is not null and status <> 'failed';
create unique index ledger_transfers_reverts on ledger_transfers (reverts_id)
  where reverts_id is not null and status <> 'failed';
create index ledger_transfers_hold on ledger_transfers (hold_id) where hold_id is not null;
-- What an account was asked for and did not give; what it gave is found along its entries.
create index ledger_transfers_unposted on ledger_transfers (source_account_id, id) where status in ('pending', 'failed');
create index ledger_transfers_due on ledger_transfers (next_attempt_at) where status = 'pending';

-- Two rows a transfer, credits positive. balance_after is credits_posted - debits_posted of the account's row, or of
-- its sub-balance. Never updated, never deleted.
create table ledger_entries (
  id bigint generated always as identity,
  account_id uuid not null,
  version bigint not null,
  amount ledger_movement not null,
  balance_after bigint not null,
  recorded_at timestamptz not null,
  -- Null: when it was recorded.
  effective_at timestamptz,
  transfer_id uuid not null,
  -- The transaction that wrote it: rows below pg_snapshot_xmin(pg_current_snapshot()) are all there, in order of id.
  xid xid8 not null default pg_current_xact_id(),
  sub smallint not null default 0,
  primary key (account_id, sub, version)
);

-- Balances as of an effective date: few entries have one of their own.
create index ledger_entries_effective on ledger_entries (account_id, effective_at) where effective_at is not null;
-- The reader that follows the entries; rows are appended, so a block's range of ids is all that is needed.
create index ledger_entries_id on ledger_entries using brin (id) with (pages_per_range = 16, autosummarize = on);

-- What reserves part of an account: amount = captured + voided + expired + what is open, which is in the account's
-- debits_pending (and in the destination's credits_pending where it is known from the start).
create table ledger_holds (
  id uuid primary key,
  account_id uuid not null,
  destination_account_id uuid,
  owner_id uuid,
  status text collate "C" not null default 'open',
  amount bigint not null,
  captured bigint not null default 0,
  voided bigint not null default 0,
  expired bigint not null default 0,
  open bigint generated always as (amount - captured - voided - expired) stored,
  exponent smallint not null,
  currency text collate "C" not null,
  scope text collate "C" not null,
  reference_id text collate "C",
  -- Holds that are captured and voided together.
  group_id uuid,
  -- The account's versions of the placement, and of the void or expiry; a capture's are its transfer's.
  placed_version bigint not null,
  closed_version bigint,
  placed_at timestamptz not null,
  expires_at timestamptz not null,
  updated_at timestamptz not null,
  constraint ledger_holds_status_known check (status in ('open', 'captured', 'voided', 'expired')),
  constraint ledger_holds_amount_positive check (amount > 0),
  constraint ledger_holds_parts check (captured >= 0 and voided >= 0 and expired >= 0 and open >= 0),
  constraint ledger_holds_closed_when_empty check ((status = 'open') = (open > 0)),
  constraint ledger_holds_expires_later check (expires_at > placed_at)
) with (fillfactor = 80);

create unique index ledger_holds_reference on ledger_holds (scope, reference_id) where reference_id is not null;
create index ledger_holds_due on ledger_holds (expires_at) where status = 'open';
create index ledger_holds_group on ledger_holds (group_id) where group_id is not null;
create index ledger_holds_account_open on ledger_holds (account_id, id) where status = 'open';

-- Changes of an account that move nothing: its opening, its limit, its status.
create table ledger_account_changes (
  account_id uuid not null references ledger_accounts (id),
  version bigint not null,
  change text collate "C" not null,
  credit_limit bigint,
  status text collate "C" not null,
  actor text not null,
  reason text,
  recorded_at timestamptz not null,
  primary key (account_id, version),
  constraint ledger_account_changes_known check (change in ('opened', 'limit', 'status'))
);
