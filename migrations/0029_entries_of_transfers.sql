-- A transfer's row is its two entries as well: a posting writes one row instead of three. ledger_entries stays what
-- everybody reads, as a view.

alter table ledger_transfers
  -- balance_after of both entries, and the ids that give them their order within a transaction. The destination's is the
  -- next one, but for entries that were rows of their own.
  add column source_balance bigint,
  add column destination_balance bigint,
  add column entry_id bigint,
  add column destination_entry_id bigint,
  -- The transaction that posted it: rows below pg_snapshot_xmin(pg_current_snapshot()) are all there.
  add column xid xid8;

update ledger_transfers as t
set source_balance = s.balance_after, destination_balance = d.balance_after, entry_id = s.id,
  destination_entry_id = d.id, xid = s.xid
from ledger_entries as s, ledger_entries as d
where (s.account_id, s.sub, s.version, s.transfer_id) = (t.source_account_id, t.source_sub, t.source_version, t.id)
  and (d.account_id, d.sub, d.version, d.transfer_id) = (t.destination_account_id, t.destination_sub, t.destination_version, t.id)
  and s.xid = d.xid;

create sequence ledger_entry_ids as bigint increment by 2;
select setval('ledger_entry_ids', max(id) + 1, false) from ledger_entries having max(id) is not null;

drop function ledger_chain_next, ledger_entry_text, ledger_balance_at;
alter table ledger_entries rename to ledger_entries_before;

-- Two a transfer that has moved money, credits positive. balance_after is credits_posted - debits_posted of the account's
-- row, or of its sub-balance. One that waited was recorded as posted by its last attempt. The condition stands outside,
-- so that both sides can be read in the order of an account's versions.
create view ledger_entries as
select sides.*
from (
  select t.entry_id as id, t.source_account_id as account_id, t.source_version as version, -t.amount as amount,
    t.source_balance as balance_after, coalesce(t.last_attempt_at, t.recorded_at) as recorded_at, t.effective_at,
    t.id as transfer_id, t.xid, t.source_sub as sub
  from ledger_transfers as t
  union all
  select coalesce(t.destination_entry_id, t.entry_id + 1), t.destination_account_id, t.destination_version,
    t.amount::bigint, t.destination_balance, coalesce(t.last_attempt_at, t.recorded_at), t.effective_at, t.id, t.xid,
    t.destination_sub
  from ledger_transfers as t
) as sides
where sides.version is not null;

-- Nothing may be lost, and the hash chain covers what each entry says.
do $$
begin
  if exists (
    (select id, account_id, version, amount::bigint, balance_after, recorded_at, effective_at, transfer_id, xid, sub
      from ledger_entries_before)
    except all table ledger_entries
  ) or (select count(*) from ledger_entries) <> (select count(*) from ledger_entries_before) then
    raise exception 'entries and transfers do not match: run npm run ledger:verify of the version before';
  end if;
end
$$;
drop table ledger_entries_before;

-- An account's versions, each once, and what is read along them.
create unique index ledger_transfers_source on ledger_transfers (source_account_id, source_sub, source_version);
create unique index ledger_transfers_destination
  on ledger_transfers (destination_account_id, destination_sub, destination_version);
-- Balances as of an effective date: few transfers have one of their own.
create index ledger_transfers_source_effective on ledger_transfers (source_account_id, effective_at)
  where effective_at is not null;
create index ledger_transfers_destination_effective on ledger_transfers (destination_account_id, effective_at)
  where effective_at is not null;
-- The reader that follows the entries; as transactions come in order, a block's range of them is all that is needed.
-- There is no range index for xid8 itself.
create index ledger_transfers_xid on ledger_transfers using brin ((xid::text::bigint))
  with (pages_per_range = 16, autosummarize = on);

-- The functions that stand on the table, the same as they were.

-- Everything that an entry says, the same on every server and in every time zone.
create function ledger_entry_text(e ledger_entries) returns text
language sql immutable parallel safe
return concat_ws(
  '|', e.xid, e.id, e.account_id, e.sub, e.version, e.amount, e.balance_after, e.transfer_id,
  (extract(epoch from e.recorded_at) * 1000000)::bigint,
  coalesce((extract(epoch from e.effective_at) * 1000000)::bigint::text, '')
);

-- What the next link would cover: the final entries behind a place, in their order, at most so many.
create function ledger_chain_next(after_xid xid8, after_id bigint, most integer)
returns table (entries integer, last_xid xid8, last_id bigint, digest bytea)
language sql stable
begin atomic
  with next as (
    select e.xid, e.id, ledger_entry_text(e) as text
    from ledger_entries as e
    where e.xid::text::bigint >= after_xid::text::bigint and (e.xid, e.id) > (after_xid, after_id)
      and e.xid < pg_snapshot_xmin(pg_current_snapshot())
    order by e.xid, e.id
    limit most
  )
  select count(*)::integer, (array_agg(n.xid order by n.xid desc, n.id desc))[1],
    (array_agg(n.id order by n.xid desc, n.id desc))[1],
    sha256(convert_to(string_agg(n.text, E'\n' order by n.xid, n.id), 'UTF8'))
  from next as n
  having count(*) > 0;
end;

-- credits - debits posted by then, in minor units: by the time of recording, or by the effective time.
create function ledger_balance_at(account uuid, at timestamptz, effective boolean) returns bigint
language sql stable
return (
  select coalesce(sum(e.balance_after), 0)::bigint
  from ledger_accounts as a
  cross join generate_series(least(a.sub_balances, 1), a.sub_balances) as part
  join ledger_entries as e
    on e.account_id = a.id and e.sub = part and e.version = ledger_version_at(a.id, part::smallint, at)
  where a.id = account
) + case when not effective then 0 else (
  select coalesce(sum(case when e.recorded_at <= at then -e.amount else e.amount end), 0)::bigint
  from ledger_entries as e
  where e.account_id = account and e.effective_at is not null and (e.recorded_at <= at) <> (e.effective_at <= at)
) end;
