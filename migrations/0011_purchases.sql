-- Purchases on credit: what is declined, partners with their keys, and the sagas that carry a hold to its posting.

-- What was asked for and refused. Approved ones are holds.
create table ledger_declines (
  id uuid primary key,
  owner_id uuid not null,
  -- Null: the person has no credit line.
  account_id uuid,
  reason text collate "C" not null,
  -- As asked for: without an account there is no exponent to scale by.
  amount numeric(20, 4) not null,
  currency text collate "C" not null,
  scope text collate "C" not null,
  reference_id text collate "C",
  group_id uuid,
  decided_at timestamptz not null,
  constraint ledger_declines_reason_known check (
    reason in ('no_credit_line', 'account_frozen', 'amount_too_high', 'velocity_exceeded', 'insufficient_credit')
  ),
  constraint ledger_declines_amount_positive check (amount > 0)
);

-- With ledger_holds_reference: a reference is decided once, for ever.
create unique index ledger_declines_reference on ledger_declines (scope, reference_id) where reference_id is not null;
create index ledger_declines_owner on ledger_declines (owner_id, id);

-- What was placed on an account lately, for the velocity check; and a person's authorizations, for the list. The open
-- ones of an account alone, as before, would be a third index that every hold pays for.
drop index ledger_holds_account_open;
create index ledger_holds_account_placed on ledger_holds (account_id, placed_at);

-- Who may ask for authorizations beside the person themselves.
create table ledger_partners (
  id uuid primary key,
  name text not null,
  status text collate "C" not null default 'active',
  -- Where its captures go; null: the house's settlement account.
  settlement_account_id uuid references ledger_accounts (id),
  created_at timestamptz not null default now(),
  constraint ledger_partners_status_known check (status in ('active', 'suspended'))
);

-- Only the SHA-256 of a key is kept: it has 256 random bits, which need no slow hash.
create table ledger_partner_keys (
  id uuid primary key,
  partner_id uuid not null references ledger_partners (id),
  key_hash bytea not null unique,
  -- Its first characters, by which people tell keys apart.
  prefix text not null,
  scopes text[] not null,
  created_by text not null,
  created_at timestamptz not null default now(),
  -- Null: until it is revoked. A key that was rotated ends by itself.
  expires_at timestamptz,
  revoked_at timestamptz,
  -- The key that it was replaced by.
  rotated_to uuid references ledger_partner_keys (id),
  constraint ledger_partner_keys_scopes_known check (
    scopes <@ array['authorizations:write', 'authorizations:read'] and cardinality(scopes) > 0
  )
);

create index ledger_partner_keys_partner on ledger_partner_keys (partner_id, id);

-- The people that a partner may ask for, by the ids that it knows them under.
create table ledger_partner_users (
  partner_id uuid not null references ledger_partners (id),
  external_user_id text collate "C" not null,
  user_id uuid not null,
  linked_by text not null,
  linked_at timestamptz not null default now(),
  primary key (partner_id, external_user_id)
);

-- One row an authorization that is captured automatically: its state is all that an orchestrator knows, so that any of
-- them can go on where another one died.
create table ledger_sagas (
  -- The hold's.
  id uuid primary key,
  state text collate "C" not null default 'running',
  -- What is to be done next, or undone while it compensates.
  step text collate "C" not null,
  -- Beyond the pivot the money has moved: there is only forward.
  pivoted boolean not null default false,
  -- Of the present step.
  attempts integer not null default 0,
  step_deadline timestamptz not null,
  next_attempt_at timestamptz not null,
  -- Who works on it, and until when nobody else does. The number grows with each lease: one that was lost cannot write.
  lease_owner text,
  lease_until timestamptz,
  lease bigint not null default 0,
  last_error text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint ledger_sagas_state_known check (
    state in ('running', 'compensating', 'completed', 'compensated', 'stuck', 'resolved')
  ),
  constraint ledger_sagas_step_known check (step in ('reserve', 'post', 'confirm')),
  constraint ledger_sagas_no_way_back check (not (pivoted and state in ('compensating', 'compensated')))
) with (fillfactor = 80);

create index ledger_sagas_due on ledger_sagas (next_attempt_at) where state in ('running', 'compensating');
create index ledger_sagas_stuck on ledger_sagas (id) where state = 'stuck';

-- What operators did to a saga. Never updated, never deleted.
create table ledger_saga_actions (
  id bigint generated always as identity primary key,
  saga_id uuid not null references ledger_sagas (id),
  action text collate "C" not null,
  actor text not null,
  reason text not null,
  state_before text not null,
  step_before text not null,
  done_at timestamptz not null default now(),
  constraint ledger_saga_actions_known check (action in ('retry', 'compensate', 'resolve'))
);

create index ledger_saga_actions_saga on ledger_saga_actions (saga_id, id);
