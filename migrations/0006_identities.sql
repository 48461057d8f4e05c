-- Identities become 16 bytes each, and go by whole tables: forgetting them row by row cost as much as storing them.

-- An identity is the first half of the SHA-256 of the user's id, in lower case, and the event's id. Two that are alike
-- by chance would need some 2^64 events; to make one that shadows another person's takes 2^128 attempts.
-- The type is uuid only because that is PostgreSQL's sixteen bytes of fixed length.
create function event_identity(user_id uuid, event_id text) returns uuid
language sql immutable parallel safe
return encode(substring(sha256(convert_to(user_id::text || event_id, 'UTF8')) from 1 for 16), 'hex')::uuid;

alter table emotion_event_identities rename to emotion_event_identities_by_text;
alter table transaction_identities rename to transaction_identities_by_text;
create table emotion_event_identities (id uuid constraint emotion_event_identities_key primary key);
create table transaction_identities (id uuid constraint transaction_identities_key primary key);
insert into emotion_event_identities
  select event_identity(user_id, event_id) from emotion_event_identities_by_text order by 1;
insert into transaction_identities
  select event_identity(user_id, event_id) from transaction_identities_by_text order by 1;
drop table emotion_event_identities_by_text, transaction_identities_by_text;

-- Two tables hold a kind's identities: the one that is written, and `_before`, which is only read. When the written one
-- is as old as identities must be kept, it takes the place of the other, which is dropped.
create table emotion_event_identities_before (id uuid constraint emotion_event_identities_before_key primary key);
create table transaction_identities_before (id uuid constraint transaction_identities_before_key primary key);

create table table_turns (
  name text collate "C" primary key,
  turned_at timestamptz not null default now()
);
insert into table_turns (name) values ('emotion_event_identities'), ('transaction_identities');

-- Turns the tables `name` and `name_before` if the first has been written for as long as `keep`. Waits for whoever is
-- writing, and whoever comes next finds the new tables: a statement that waited for the lock looks the names up again
-- and reads what was committed before it got it. Returns whether it turned.
create function turn_table(name text, keep interval) returns boolean
language plpgsql as $$
begin
  if not pg_try_advisory_xact_lock(hashtext('turn_table'), hashtext(name)) then
    return false;
  end if;
  perform from table_turns where table_turns.name = turn_table.name and turned_at <= now() - keep;
  if not found then
    return false;
  end if;
  execute format('lock table %I, %I in access exclusive mode', name, name || '_before');
  execute format('drop table %I', name || '_before');
  execute format('alter table %I rename constraint %I to %I', name, name || '_key', name || '_before_key');
  execute format('alter table %I rename to %I', name, name || '_before');
  execute format('create table %I (id uuid constraint %I primary key)', name, name || '_key');
  update table_turns set turned_at = now() where table_turns.name = turn_table.name;
  return true;
end
$$;

-- Nobody reads it: an event is known by its identity. Making one cost as much as a third of the row.
alter table transactions drop column id;
