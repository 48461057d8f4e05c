-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- Where the next link ends: at the last of so many records behind a place that are final. What has no transaction, being
-- from before, comes first, along the keys of its tables; the rest is looked for among few transactions, which the range
-- indexes find, and among more where those have too few.
create or replace function ledger_chain_end(after_xid xid8, after_subject uuid, after_number bigint, most integer)
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
