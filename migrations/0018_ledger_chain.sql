-- A keyed hash chain over the entries, made after they are committed: changing one without the key does not go unseen.

-- A link covers the entries between its predecessor's end and its own, in order of (xid, id). That order is the one in
-- which entries become final: below pg_snapshot_xmin no transaction is under way, so that nothing comes in between.
create table ledger_chain (
  link bigint primary key,
  entries integer not null,
  last_xid xid8 not null,
  last_id bigint not null,
  -- SHA-256 over the entries' texts.
  digest bytea not null,
  -- HMAC-SHA-256 over the hash before, the numbers above and the digest. The key never comes here.
  hash bytea not null,
  made_at timestamptz not null default clock_timestamp(),
  constraint ledger_chain_link_positive check (link > 0),
  constraint ledger_chain_entries_positive check (entries > 0)
);

-- The reader that follows the entries; as transactions come in order, a block's range of them is all that is needed.
-- There is no range index for xid8 itself.
create index ledger_entries_xid on ledger_entries using brin ((xid::text::bigint))
  with (pages_per_range = 16, autosummarize = on);
drop index ledger_entries_id;

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
