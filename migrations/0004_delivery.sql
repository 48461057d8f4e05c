-- Events leave in the transaction that caused them; requests that change state are answered once.

-- The relay claims rows with `for update skip locked`, publishes them and deletes them in the same transaction:
-- an empty table means that everything was announced. message_id becomes Nats-Msg-Id.
create table outbox (
  id bigint generated always as identity primary key,
  subject text not null,
  message_id text collate "C" not null unique,
  payload jsonb not null,
  headers jsonb not null default '{}',
  created_at timestamptz not null default now()
);

create table idempotency_keys (
  caller_id text collate "C" not null,
  idempotency_key text collate "C" not null,
  request_hash bytea not null,
  response_status smallint not null,
  response_body text not null,
  created_at timestamptz not null default now(),
  primary key (caller_id, idempotency_key),
  constraint idempotency_keys_length check (char_length(idempotency_key) between 1 and 255)
);

create index idempotency_keys_oldest on idempotency_keys (created_at);
