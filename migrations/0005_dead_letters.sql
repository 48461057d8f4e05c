-- Events that could not be processed, kept for people to look at, mend, replay or discard, and what people did.

create table dead_letters (
  id uuid primary key,
  -- The message id under which the event was buried: a redelivery is stored once.
  identity text collate "C" not null unique,
  stream text not null,
  consumer text not null,
  subject text not null,
  stream_sequence bigint not null,
  line integer not null,
  error_class text not null,
  error_message text not null,
  attempts integer not null,
  -- Byte for byte as it came; an edit leaves it alone and stands beside it.
  payload bytea not null,
  edited_payload bytea,
  -- Counts edits. It is part of a replay's message id, so that an edited event never passes for the one before.
  revision integer not null default 0,
  -- json, not jsonb: a text that arrived may hold an escaped NUL.
  headers json not null,
  -- Where the payload can be read.
  user_id uuid,
  event_id text,
  -- The letter whose replay came back as this one.
  replay_of uuid,
  status text not null default 'open',
  first_failed_at timestamptz not null,
  last_failed_at timestamptz not null,
  stored_at timestamptz not null default now(),
  settled_at timestamptz,
  constraint dead_letters_status_known check (status in ('open', 'replayed', 'discarded')),
  constraint dead_letters_settled_at_set check ((status = 'open') = (settled_at is null))
);

-- Lists are newest first by id, which is ordered by time; most of them are of what is open.
create index dead_letters_status_newest on dead_letters (status, id desc);
create index dead_letters_user_newest on dead_letters (user_id, id desc) where user_id is not null;
-- Depth and oldest age, and the groups of what is open.
create index dead_letters_open_by_error on dead_letters (stream, error_class, last_failed_at) where status = 'open';

-- A replay of everything that a filter matches. The row is the job: whoever runs it goes on after a restart.
create table dead_letter_replays (
  id uuid primary key,
  actor text not null,
  filter json not null,
  reason text,
  rate_per_second integer not null,
  status text not null default 'running',
  total integer not null,
  remaining integer not null,
  replayed integer not null default 0,
  refused integer not null default 0,
  skipped integer not null default 0,
  -- The letter that was dealt with last; they go by id.
  position uuid,
  next_at timestamptz not null default now(),
  last_error text,
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  constraint dead_letter_replays_status_known check (status in ('running', 'finished', 'cancelled')),
  constraint dead_letter_replays_finished_at_set check ((status = 'running') = (finished_at is null))
);

create index dead_letter_replays_running on dead_letter_replays (next_at) where status = 'running';

create table dead_letter_actions (
  id bigint generated always as identity primary key,
  letter_id uuid not null references dead_letters (id),
  actor text not null,
  action text not null,
  reason text,
  before json not null,
  after json not null,
  -- Set when it was one of many.
  replay_id uuid references dead_letter_replays (id),
  at timestamptz not null default now(),
  constraint dead_letter_actions_action_known check (action in ('edit', 'replay', 'discard'))
);

create index dead_letter_actions_letter on dead_letter_actions (letter_id, id);
