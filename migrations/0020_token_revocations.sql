-- Tokens that are worth nothing any more before they expire: after a log-out, or by an operator's word.

-- A token carries the generation that its user had when it was issued. Raising the user's ends all that are lower,
-- whatever the clocks of those who issue and those who check say.
alter table users add column token_generation integer not null default 0;

-- Each row ends one token (token_id) or all of a person's below a generation. Kept after it has done its work, for
-- whoever asks later who ended what, and why.
create table token_revocations (
  id uuid primary key,
  user_id uuid not null,
  token_id text,
  generation integer,
  reason text not null,
  revoked_by uuid not null,
  created_at timestamptz not null default now(),
  -- By then every token that it ends has expired by itself.
  expires_at timestamptz not null,
  -- Gateways ask for what was written since they last asked; see sql/token-revocations.ts.
  written_in xid8 not null default pg_current_xact_id(),
  constraint token_revocations_one_or_all check ((token_id is null) <> (generation is null)),
  constraint token_revocations_token_once unique (token_id)
);

create index token_revocations_written on token_revocations (written_in);
-- The operators' list, newest first (ids are in the order of time): of everybody, and of one person.
create index token_revocations_of_user on token_revocations (user_id, id desc);
-- What is forgotten.
create index token_revocations_oldest on token_revocations (expires_at);
