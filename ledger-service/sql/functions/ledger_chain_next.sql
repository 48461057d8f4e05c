-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- What the next link would cover: the final entries behind a place, in their order, at most so many. Looked for among
-- so many transactions first, which the range index finds, and among more where there are none.
create or replace function ledger_chain_next(after_xid xid8, after_id bigint, most integer)
returns table (entries integer, last_xid xid8, last_id bigint, digest bytea)
language plpgsql stable as $$
#variable_conflict use_variable
declare
  first constant bigint := after_xid::text::bigint;
  final constant bigint := pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1;
  span bigint := 4 * most;
begin
  loop
    select count(*)::integer, (array_agg(n.xid order by n.xid desc, n.id desc))[1],
      (array_agg(n.id order by n.xid desc, n.id desc))[1],
      sha256(convert_to(string_agg(n.text, E'\n' order by n.xid, n.id), 'UTF8'))
    into entries, last_xid, last_id, digest
    from (
      select e.xid, e.id, ledger_entry_text(e) as text
      from ledger_entries as e
      where e.xid::text::bigint between first and least(first + span, final) and (e.xid, e.id) > (after_xid, after_id)
      order by e.xid, e.id
      limit most
    ) as n;
    if entries > 0 then
      return next;
      return;
    end if;
    exit when first + span >= final;
    span := 8 * span;
  end loop;
end
$$;
