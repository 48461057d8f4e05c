-- The hash chain covers whole rows from here on, not entries alone: what a transfer is for, who asked and when, holds and
-- what became of them, declines, changes of accounts and what operators did to sagas.

-- The transaction that wrote a row, as transfers have it. Null: it is from before.
alter table ledger_holds
  add column xid xid8,
  -- The one that took or gave back the last of it.
  add column closed_xid xid8;
alter table ledger_holds alter column xid set default pg_current_xact_id();
alter table ledger_declines add column xid xid8;
alter table ledger_declines alter column xid set default pg_current_xact_id();
alter table ledger_account_changes add column xid xid8;
alter table ledger_account_changes alter column xid set default pg_current_xact_id();
alter table ledger_saga_actions add column xid xid8;
alter table ledger_saga_actions alter column xid set default pg_current_xact_id();

-- The reader that follows them, as ledger_transfers_xid. Holds are closed in any order, so that ranges would say little.
create index ledger_holds_xid on ledger_holds using brin ((xid::text::bigint)) with (pages_per_range = 16, autosummarize = on);
create index ledger_holds_closed_xid on ledger_holds ((closed_xid::text::bigint)) where closed_xid is not null;
create index ledger_declines_xid on ledger_declines using brin ((xid::text::bigint))
  with (pages_per_range = 16, autosummarize = on);
create index ledger_account_changes_xid on ledger_account_changes using brin ((xid::text::bigint))
  with (pages_per_range = 16, autosummarize = on);

-- As before, and says when a hold was closed.
create or replace function ledger_keep_hold_parts() returns trigger
language plpgsql as $$
begin
  new.open := new.amount - new.captured - new.voided - new.expired;
  if new.status in ('open', 'captured', 'voided', 'expired') and new.amount > 0 and new.expires_at > new.placed_at
    and least(new.captured, new.voided, new.expired, new.open) >= 0 and (new.status = 'open') = (new.open > 0)
  then
    if new.open = 0 and old.open > 0 then new.closed_xid := pg_current_xact_id(); end if;
    return new;
  end if;
  raise exception 'hold % of % cannot be % with % captured, % voided and % expired', new.id, new.amount, new.status,
    new.captured, new.voided, new.expired
    using errcode = 'check_violation', constraint = 'ledger_holds_parts', table = 'ledger_holds';
end
$$;

-- What a row says that never changes again, the same on every server and in every time zone: an array's text, in which no
-- two rows look alike. ledger-service/chain/record-fields.ts names the members.

-- A time in microseconds.
create function ledger_moment(t timestamptz) returns text
language sql stable parallel safe
return ((extract(epoch from t) * 1000000)::bigint)::text;

-- Of a transfer that was posted. Its status and reverted_by_id follow from the transfer that reverts it.
create function ledger_record(t ledger_transfers) returns text
language sql stable parallel safe
return array[
  'transfer', t.id::text, t.entry_id::text, t.destination_entry_id::text, t.type, t.source_account_id::text,
  t.destination_account_id::text, t.amount::bigint::text, t.currency::text, t.exponent::text, t.source_sub::text,
  t.source_version::text, t.source_balance::text, t.destination_sub::text, t.destination_version::text,
  t.destination_balance::text, t.scope, t.reference_id, t.description, ledger_moment(t.effective_at),
  ledger_moment(t.recorded_at), t.hold_id::text, t.reverts_id::text, t.attempts::text, t.last_error,
  ledger_moment(t.last_attempt_at), ledger_moment(t.waits_from), t.headers::text, t.xid::text
]::text;

-- A hold as it was placed.
create function ledger_record(h ledger_holds) returns text
language sql stable parallel safe
return array[
  'hold', h.id::text, h.account_id::text, h.destination_account_id::text, h.owner_id::text, h.amount::text,
  h.currency, h.exponent::text, h.scope, h.reference_id, h.group_id::text, h.placed_version::text,
  ledger_moment(h.placed_at), ledger_moment(h.expires_at), h.external_user_id, h.headers::text, h.xid::text
]::text;

-- And how it ended. What was captured until then is told by its captures.
create function ledger_closing_record(h ledger_holds) returns text
language sql stable parallel safe
return array[
  'closing of hold', h.id::text, h.status, h.captured::text, h.voided::text, h.expired::text, h.closed_version::text,
  ledger_moment(h.updated_at), h.closed_xid::text
]::text;

create function ledger_record(d ledger_declines) returns text
language sql stable parallel safe
return array[
  'decline', d.id::text, d.owner_id::text, d.account_id::text, d.reason, d.amount::text, d.currency, d.scope,
  d.reference_id, d.group_id::text, d.external_user_id, ledger_moment(d.decided_at), d.xid::text
]::text;

-- An account's opening carries what the account is for ever.
create function ledger_record(c ledger_account_changes, a ledger_accounts) returns text
language sql stable parallel safe
return array[
  'account change', c.account_id::text, c.version::text, c.change, c.credit_limit::text, c.status, c.actor, c.reason,
  ledger_moment(c.recorded_at), a.external_id, a.kind::text, a.currency::text, a.exponent::text, a.owner_id::text, a.name,
  a.offer_id::text, a.sub_balances::text, ledger_moment(a.created_at), c.xid::text
]::text;

create function ledger_record(s ledger_saga_actions) returns text
language sql stable parallel safe
return array[
  'saga action', s.saga_id::text, s.id::text, s.action, s.actor, s.reason, s.state_before, s.step_before,
  ledger_moment(s.done_at), s.xid::text
]::text;

-- Everything that the chain covers. Its order is that of (xid, subject, number): transfers of one transaction come first,
-- in the order of their entries.
create view ledger_other_records (kind, id, xid, subject, number, made_at, text) as
select 'hold'::text, h.id, h.xid, h.id, 1::bigint, h.placed_at, ledger_record(h) from ledger_holds as h
union all
select 'closing of hold', h.id, h.closed_xid, h.id, 2, h.updated_at, ledger_closing_record(h)
from ledger_holds as h where h.status <> 'open'
union all
select 'decline', d.id, d.xid, d.id, 0, d.decided_at, ledger_record(d) from ledger_declines as d
union all
select 'account change', c.account_id, c.xid, c.account_id, c.version, c.recorded_at, ledger_record(c, a)
from ledger_account_changes as c left join ledger_accounts as a on a.id = c.account_id and c.change = 'opened'
union all
-- A saga has its hold's id.
select 'saga action', s.saga_id, s.xid, s.saga_id, -s.id, s.done_at, ledger_record(s) from ledger_saga_actions as s;

create view ledger_records (kind, id, xid, subject, number, made_at, text) as
select 'transfer'::text, t.id, t.xid, '00000000-0000-0000-0000-000000000000'::uuid, t.entry_id,
  coalesce(t.last_attempt_at, t.recorded_at), ledger_record(t)
from ledger_transfers as t where t.xid is not null
union all
table ledger_other_records;

-- Links of before cover entries, in version 1. A replica of before that would go on with those is refused: it does not
-- name the version.
alter table ledger_chain
  add column version smallint not null default 1,
  -- With last_xid and last_id the place of the last record.
  add column last_subject uuid;
alter table ledger_chain alter column version drop default;
drop function ledger_chain_next;

-- The texts that a link covers, kept so that what was changed later can be named. What is proven stands in ledger_chain
-- alone: rows of old links may be removed here to save space.
create table ledger_chain_copies (
  link bigint primary key,
  records text[] not null
);
-- A third of the time of the other compression, which a server may have been built without.
do $$
begin
  alter table ledger_chain_copies alter column records set compression lz4;
exception when feature_not_supported then
end
$$;

-- Where the next link ends: at the last of so many records behind a place that are final. What has no transaction, being
-- from before, comes first, along the keys of its tables; the rest is looked for among few transactions, which the range
-- indexes find, and among more where those have too few.
create function ledger_chain_end(after_xid xid8, after_subject uuid, after_number bigint, most integer)
returns table (xid xid8, subject uuid, number bigint)
language plpgsql stable as $$
#variable_conflict use_column
declare
  first constant bigint := after_xid::text::bigint;
  final constant bigint := pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1;
  span bigint := most / 16;
  place record;
begin
  if after_xid = '0' then
    return query
    select '0'::xid8, n.subject, n.number from (
      select b.subject, b.number from (
        (select h.id, 1::bigint from ledger_holds as h where h.xid is null and h.id >= after_subject order by h.id limit most + 1)
        union all
        (select h.id, 2 from ledger_holds as h where h.closed_xid is null and h.status <> 'open' and h.id >= after_subject
          order by h.id limit most + 1)
        union all
        (select d.id, 0 from ledger_declines as d where d.xid is null and d.id >= after_subject order by d.id limit most + 1)
        union all
        (select c.account_id, c.version from ledger_account_changes as c
          where c.xid is null and (c.account_id, c.version) > (after_subject, after_number)
          order by c.account_id, c.version limit most)
        union all
        (select s.saga_id, -s.id from ledger_saga_actions as s
          where s.xid is null and s.saga_id >= after_subject and (s.saga_id, -s.id) > (after_subject, after_number)
          order by s.saga_id, -s.id limit most)
      ) as b (subject, number)
      where (b.subject, b.number) > (after_subject, after_number)
      order by b.subject, b.number
      limit most
    ) as n
    order by n.subject desc, n.number desc
    limit 1;
    if found then return; end if;
  end if;
  loop
    select n.xid, n.subject, n.number, n.n into place from (
      select r.xid, r.subject, r.number, row_number() over (order by r.xid, r.subject, r.number) as n
      from ledger_records as r
      where r.xid::text::bigint between first and least(first + span, final)
        and (r.xid, r.subject, r.number) > (after_xid, after_subject, after_number)
      order by r.xid, r.subject, r.number
      limit most
    ) as n
    order by n.n desc
    limit 1;
    exit when place.n = most or first + span >= final;
    span := 4 * span;
  end loop;
  if place.n > 0 then
    xid := place.xid; subject := place.subject; number := place.number;
    return next;
  end if;
end
$$;

-- The records between two places: how many, the SHA-256 of their texts in order (each says by itself where it ends), and
-- the texts; null when there are none.
create function ledger_chain_cover(
  after_xid xid8, after_subject uuid, after_number bigint, until_xid xid8, until_subject uuid, until_number bigint,
  out entries integer, out digest bytea, out records text[]
)
language plpgsql stable as $$
begin
  if until_xid = '0' then
    select count(*), sha256(convert_to(string_agg(r.text, E'\n' order by r.subject, r.number), 'UTF8')),
      array_agg(r.text order by r.subject, r.number)
    into entries, digest, records
    from ledger_other_records as r
    where r.xid is null and r.subject between after_subject and until_subject
      and (r.subject, r.number) > (after_subject, after_number) and (r.subject, r.number) <= (until_subject, until_number);
  else
    select count(*), sha256(convert_to(string_agg(r.text, E'\n' order by r.xid, r.subject, r.number), 'UTF8')),
      array_agg(r.text order by r.xid, r.subject, r.number)
    into entries, digest, records
    from ledger_records as r
    where r.xid::text::bigint between after_xid::text::bigint and until_xid::text::bigint
      and (r.xid, r.subject, r.number) > (after_xid, after_subject, after_number)
      and (r.xid, r.subject, r.number) <= (until_xid, until_subject, until_number);
  end if;
end
$$;
