-- Statements from outside, compared with an account's entries by rules: each comparison is kept, with what it found.

create table ledger_reconciliations (
  id uuid primary key,
  account_id uuid not null references ledger_accounts (id),
  -- The days that were compared, both included, in UTC.
  from_date date not null,
  to_date date not null,
  tolerance_days smallint not null,
  lines integer not null,
  matched integer not null,
  exceptions integer not null,
  -- SHA-256 of what was uploaded.
  statement_hash bytea not null,
  created_by text not null,
  created_at timestamptz not null default now(),
  constraint ledger_reconciliations_days check (from_date <= to_date)
);

create index ledger_reconciliations_account on ledger_reconciliations (account_id, id);

-- What became of each line of the statement and each entry. Never updated, never deleted.
create table ledger_reconciliation_items (
  reconciliation_id uuid not null references ledger_reconciliations (id),
  n integer not null,
  outcome text collate "C" not null,
  -- The line's number in the file, and what it says.
  line integer,
  line_date date,
  line_amount bigint,
  line_reference text,
  transfer_id uuid,
  entry_date date,
  entry_amount bigint,
  primary key (reconciliation_id, n),
  constraint ledger_reconciliation_items_outcome_known check (outcome in (
    'matched_by_reference', 'matched_by_amount_and_date', 'amount_differs', 'repeated_line', 'ambiguous',
    'not_in_ledger', 'not_in_statement'
  )),
  constraint ledger_reconciliation_items_about_something check (line is not null or transfer_id is not null)
);

create index ledger_reconciliation_items_exceptions on ledger_reconciliation_items (reconciliation_id, n)
  where outcome not in ('matched_by_reference', 'matched_by_amount_and_date');
