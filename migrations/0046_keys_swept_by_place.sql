-- Old keys are found by reading the table through, a piece at a time: an index that only says how old they are costs each
-- operation with a key more than reading once costs them all.
drop index idempotency_keys_oldest;

-- Where the next piece begins, for all processes.
create table idempotency_sweep (
  only_one boolean primary key default true check (only_one),
  next_block bigint not null default 0
);
insert into idempotency_sweep default values;
