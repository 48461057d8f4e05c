import { textArray } from "../../platform/database/array-literal.ts";
import type { Queryable } from "../../platform/database/connect.ts";
import type { Entries, Records } from "../chain/link-hash.ts";

type LinkOf<Version, Covers> = {
  readonly link: bigint;
  readonly version: Version;
  readonly hash: Buffer;
} & Covers;

export type FirstLink = LinkOf<1, Entries>;
export type RecordLink = LinkOf<2, Records>;
export type Link = FirstLink | RecordLink;

type LinkRow = Entries & { link: string; version: number; lastSubject: string | null; hash: Buffer };

const toLink = ({ lastSubject, ...row }: LinkRow): Link => {
  const link = BigInt(row.link);
  if (lastSubject === null) return { ...row, link, version: 1 };
  const { entries, digest, hash, lastXid: xid, lastId: number } = row;
  return { link, version: 2, entries, digest, hash, last: { xid, subject: lastSubject, number } };
};

export const lastLink = async (sql: Queryable): Promise<Link | undefined> => {
  const [row] = await sql<LinkRow[]>`
    select link, version, entries, last_xid as "lastXid", last_subject as "lastSubject", last_id as "lastId", digest, hash
    from ledger_chain order by link desc limit 1`;
  return row && toLink(row);
};

/** Links in their order, behind one, at most so many. */
export const linksAfter = async (sql: Queryable, link: bigint, most: number): Promise<Link[]> => {
  const rows = await sql<LinkRow[]>`
    select link, version, entries, last_xid as "lastXid", last_subject as "lastSubject", last_id as "lastId", digest, hash
    from ledger_chain where link > ${link.toString()}::bigint order by link limit ${most}::int`;
  return rows.map(toLink);
};

/** The hashes of links that are there, by their number. */
export const hashesOf = async (sql: Queryable, links: readonly string[]): Promise<Map<string, string>> => {
  const rows = await sql<{ link: string; hash: string }[]>`
    select link, encode(hash, 'hex') as hash from ledger_chain where link = any(${textArray(links)}::bigint[])`;
  return new Map(rows.map(({ link, hash }) => [link, hash]));
};

/** Since when there has been a link behind that one, in seconds; 0 where there is none. */
export const secondsSinceLinkAfter = async (sql: Queryable, link: string): Promise<number> => {
  const [row] = await sql<{ seconds: number }[]>`
    select extract(epoch from clock_timestamp() - made_at)::float8 as seconds
    from ledger_chain where link > ${link}::bigint order by link limit 1`;
  return Math.max(0, row?.seconds ?? 0);
};

export const appendLink = async (
  sql: Queryable,
  { link, entries, last, digest, hash }: Omit<RecordLink, "version">,
): Promise<void> => {
  await sql`
    insert into ledger_chain (link, version, entries, last_xid, last_subject, last_id, digest, hash)
    values (
      ${link.toString()}::bigint, 2, ${entries}::int, ${last.xid}::xid8, ${last.subject}::uuid,
      ${last.number}::bigint, ${digest}::bytea, ${hash}::bytea
    )`;
};

/** What the entries between two places are by now: how many, and the digest of them; null when there are none. */
export const entriesBetween = async (
  sql: Queryable,
  after: Pick<Entries, "lastXid" | "lastId">,
  until: Pick<Entries, "lastXid" | "lastId">,
): Promise<{ entries: number; digest: Buffer | null }> => {
  const [cover] = await sql<{ entries: number; digest: Buffer | null }[]>`
    select count(*)::int as entries,
      sha256(convert_to(string_agg(ledger_entry_text(e), E'\n' order by e.xid, e.id), 'UTF8')) as digest
    from ledger_entries as e
    where e.xid::text::bigint between ${after.lastXid}::bigint and ${until.lastXid}::bigint
      and (e.xid, e.id) > (${after.lastXid}::xid8, ${after.lastId}::bigint)
      and (e.xid, e.id) <= (${until.lastXid}::xid8, ${until.lastId}::bigint)`;
  return cover!;
};
