-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.

-- The records between two places: how many, the SHA-256 of their texts in order (each says by itself where it ends), and
-- the texts; null when there are none.
create or replace function ledger_chain_cover(
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
