-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- A time-ordered UUID (RFC 9562 §5.7), where the database has to make one.
create or replace function ledger_new_id() returns uuid
language sql volatile
return encode(
  set_byte(
    overlay(
      uuid_send(gen_random_uuid())
      placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3) from 1 for 6
    ),
    6, 112 + floor(random() * 16)::integer
  ),
  'hex'
)::uuid;
