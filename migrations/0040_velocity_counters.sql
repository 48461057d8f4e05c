-- Each line will count what is reserved on it, so that the velocity rule seldom has to: its columns. What concerns one
-- table stands in one step, here and in 0049 to 0051: whoever holds two tables' locks meets those who take them in turn.

-- Without defaults for the rows that are there: newer PostgreSQLs refuse them where a function takes the row.
alter table ledger_accounts
  add column velocity_since timestamptz,
  add column velocity_holds integer,
  add column velocity_total bigint;
alter table ledger_accounts
  alter column velocity_holds set default 0,
  alter column velocity_total set default 0;

comment on column ledger_accounts.velocity_since is
  'all holds placed on the line after this time are in velocity_holds and velocity_total; null before the first count';
comment on column ledger_accounts.velocity_holds is 'at least as many as were placed after velocity_since';
comment on column ledger_accounts.velocity_total is
  'at least what they reserved, in minor units; from 4000000000000000000 on it only says that it is very much';
