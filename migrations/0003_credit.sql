-- Decisions with everything that explains them, offers that become limits, and what the person is told.

create table credit_decisions (
  id uuid primary key,
  user_id uuid not null references users (id),
  approved boolean not null,
  reason text,
  ml_risk_score numeric,
  model_version text,
  policy_version text not null,
  features jsonb not null,
  missing_features text[] not null default '{}',
  contributions jsonb,
  offer_id uuid,
  decided_at timestamptz not null,
  created_at timestamptz not null default now(),
  constraint credit_decisions_risk_range check (ml_risk_score between 0 and 1),
  constraint credit_decisions_approval_has_offer check (not approved or offer_id is not null)
);

-- The cool-off: a user's newest decision.
create index credit_decisions_user_newest on credit_decisions (user_id, decided_at desc);

-- An offer and the limit it becomes are one row; status tells how far it has come.
create table credit_limits (
  id uuid primary key,
  user_id uuid not null references users (id),
  decision_id uuid not null references credit_decisions (id),
  status text not null,
  credit_limit numeric(14, 2) not null,
  interest_rate numeric(5, 2) not null,
  credit_type text not null,
  expires_at timestamptz not null,
  accepted_at timestamptz,
  -- When the acceptance was last put into the outbox; the sweeper repeats one that brought no activation.
  acceptance_announced_at timestamptz,
  activated_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint credit_limits_status_known check (status in ('offered', 'accepted', 'active', 'superseded', 'expired', 'rejected')),
  constraint credit_limits_limit_positive check (credit_limit > 0),
  constraint credit_limits_rate_range check (interest_rate between 0 and 100),
  constraint credit_limits_accepted_at_set check (status not in ('accepted', 'active') or accepted_at is not null),
  constraint credit_limits_activated_at_set check ((status = 'active') = (activated_at is not null))
);

alter table credit_decisions
  add constraint credit_decisions_offer_id_fkey foreign key (offer_id) references credit_limits (id) deferrable initially deferred;

-- One open offer and one active limit a person, whatever the code does.
create unique index credit_limits_one_open_offer on credit_limits (user_id) where status in ('offered', 'accepted');
create unique index credit_limits_one_active_limit on credit_limits (user_id) where status = 'active';
-- The offers list, newest first.
create index credit_limits_user_newest on credit_limits (user_id, created_at desc, id desc);
-- The sweeper of acceptances that brought no activation.
create index credit_limits_awaiting_activation on credit_limits (acceptance_announced_at) where status = 'accepted';

create table notifications (
  id uuid primary key,
  user_id uuid not null references users (id),
  type text not null,
  title text not null,
  message text not null,
  offer_id uuid references credit_limits (id),
  created_at timestamptz not null default now(),
  -- However often an activation is redelivered, the person is told once.
  constraint notifications_once_per_offer unique (offer_id, type)
);

create index notifications_user_newest on notifications (user_id, created_at desc, id desc);
