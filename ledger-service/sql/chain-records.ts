import type { Queryable } from "../../platform/database/connect.ts";
import type { Place, Records } from "../chain/link-hash.ts";

/** Where a link behind that place would end, covering so many records at most; undefined when nothing is final there. */
export const nextPlace = async (sql: Queryable, after: Place, most: number): Promise<Place | undefined> => {
  const [place] = await sql<Place[]>`
    select xid, subject, number
    from ledger_chain_end(${after.xid}::xid8, ${after.subject}::uuid, ${after.number}::bigint, ${most}::int)`;
  return place;
};

/** Keeps the texts of what a link is to cover, and says how many they are and what their digest is. */
export const copyRecords = async (
  sql: Queryable,
  link: bigint,
  after: Place,
  last: Place,
): Promise<Records> => {
  const [cover] = await sql<{ entries: number; digest: Buffer }[]>`
    with cover as materialized (
      select entries, digest, records
      from ledger_chain_cover(
        ${after.xid}::xid8, ${after.subject}::uuid, ${after.number}::bigint,
        ${last.xid}::xid8, ${last.subject}::uuid, ${last.number}::bigint
      )
    ), kept as (
      insert into ledger_chain_copies (link, records)
      select ${link.toString()}::bigint, records from cover
      on conflict (link) do update set records = excluded.records
    )
    select entries, digest from cover`;
  return { ...cover!, last };
};

/** What the records between two places are by now: how many, and the digest of them; null when there are none. */
export const recordsBetween = async (
  sql: Queryable,
  after: Place,
  last: Place,
): Promise<{ entries: number; digest: Buffer | null }> => {
  const [cover] = await sql<{ entries: number; digest: Buffer | null }[]>`
    select entries, digest
    from ledger_chain_cover(
      ${after.xid}::xid8, ${after.subject}::uuid, ${after.number}::bigint,
      ${last.xid}::xid8, ${last.subject}::uuid, ${last.number}::bigint
    )`;
  return cover!;
};

/** A record whose text is not what it was: the members of both, null where there is none. */
export type ChangedRecord = {
  readonly was: (string | null)[] | null;
  readonly is: (string | null)[] | null;
};

/**
 * Compares the records between two places with the copy that their link kept; undefined where it has none that its digest
 * speaks for. What is not between them any more and still in its table counts as it is there.
 */
export const changedRecords = async (
  sql: Queryable,
  { link, digest }: { readonly link: bigint; readonly digest: Buffer },
  after: Place,
  last: Place,
): Promise<ChangedRecord[] | undefined> => {
  const number = link.toString();
  const [copy] = await sql`
    select from ledger_chain_copies
    where link = ${number}::bigint and sha256(convert_to(array_to_string(records, E'\n'), 'UTF8')) = ${digest}::bytea`;
  if (!copy) return undefined;
  const rows = await sql<ChangedRecord[]>`
    with kept as (
      select unnest(records) as text from ledger_chain_copies where link = ${number}::bigint
    ), found as (
      select unnest(records) as text
      from ledger_chain_cover(
        ${after.xid}::xid8, ${after.subject}::uuid, ${after.number}::bigint,
        ${last.xid}::xid8, ${last.subject}::uuid, ${last.number}::bigint
      )
    ), gone as (
      select text::text[] as members from (table kept except table found) as k
    ), come as (
      select text::text[] as members from (table found except table kept) as f
    )
    select to_json(g.members) as was, to_json(coalesce(c.members, elsewhere.members)) as is
    from gone as g
    full join come as c
      on c.members[1] = g.members[1] and c.members[2] = g.members[2]
        and (g.members[1] not in ('account change', 'saga action') or c.members[3] = g.members[3])
    left join lateral (
      select r.text::text[] as members from ledger_records as r
      where c.members is null and r.kind = g.members[1] and r.id = g.members[2]::uuid
        and (g.members[1] not in ('account change', 'saga action') or (r.text::text[])[3] = g.members[3])
      limit 1
    ) as elsewhere on true
    order by coalesce(g.members, c.members)`;
  return [...rows];
};

/** Records that no link will ever cover, by their kind and id: they name a transaction that was not there to write them. */
export const strayRecords = async (
  sql: Queryable,
  most: number,
): Promise<{ kind: string; id: string; why: string }[]> => {
  const rows = await sql<{ kind: string; id: string; why: string }[]>`
    select r.kind, r.id, 'names transaction ' || r.xid || ', which has not been yet' as why
    from ledger_records as r
    where r.xid::text::bigint >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint
    union all
    select r.kind, r.id, 'names no transaction, and is not among what was there before they were named'
    from ledger_other_records as r
    left join lateral (
      select l.last_subject as subject, l.last_id as number from ledger_chain as l
      where l.version = 2 and l.last_xid = '0' order by l.link desc limit 1
    ) as known on true
    where r.xid is null and (known.subject is null or (r.subject, r.number) > (known.subject, known.number))
      and exists (select from ledger_chain as l where l.version = 2 and l.last_xid > '0')
    limit ${most}::int`;
  return [...rows];
};

/** How far the chain is behind: records in no link (counted up to so many), and the age of the oldest in seconds. */
export const chainLag = async (
  sql: Queryable,
  { xid, subject, number }: Place,
  most: number,
): Promise<{ entries: number; seconds: number }> => {
  const [lag] = await sql<{ entries: number; seconds: number }[]>`
    select count(*)::int as entries,
      coalesce(greatest(extract(epoch from clock_timestamp() - min(made_at)), 0), 0)::float8 as seconds
    from (
      select r.made_at from ledger_records as r
      where r.xid::text::bigint >= ${xid}::bigint
        and (r.xid, r.subject, r.number) > (${xid}::xid8, ${subject}::uuid, ${number}::bigint)
      limit ${most}::int
    ) as behind`;
  return lag!;
};
