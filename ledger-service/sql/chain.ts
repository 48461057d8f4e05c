import { textArray } from "../../platform/database/array-literal.ts";
import type { Queryable } from "../../platform/database/connect.ts";
import type { Cover } from "../chain/link-hash.ts";

export type Link = Cover & { readonly link: bigint; readonly hash: Buffer };
export type Place = Pick<Cover, "lastXid" | "lastId">;

type LinkRow = {
  link: string;
  entries: number;
  lastXid: string;
  lastId: string;
  digest: Buffer;
  hash: Buffer;
};

const toLink = (row: LinkRow): Link => ({ ...row, link: BigInt(row.link) });

export const lastLink = async (sql: Queryable): Promise<Link | undefined> => {
  const [row] = await sql<LinkRow[]>`
    select link, entries, last_xid as "lastXid", last_id as "lastId", digest, hash
    from ledger_chain order by link desc limit 1`;
  return row && toLink(row);
};

/** Links in their order, behind one, at most so many. */
export const linksAfter = async (sql: Queryable, link: bigint, most: number): Promise<Link[]> => {
  const rows = await sql<LinkRow[]>`
    select link, entries, last_xid as "lastXid", last_id as "lastId", digest, hash
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

/** What a link behind that place would cover; undefined when nothing is final there. */
export const nextCover = async (
  sql: Queryable,
  { lastXid, lastId }: Place,
  most: number,
): Promise<Cover | undefined> => {
  const [cover] = await sql<Cover[]>`
    select entries, last_xid as "lastXid", last_id as "lastId", digest
    from ledger_chain_next(${lastXid}::xid8, ${lastId}::bigint, ${most}::int)`;
  return cover;
};

/** What the entries between two places are by now: how many, and the digest of them; null when there are none. */
export const coverBetween = async (
  sql: Queryable,
  after: Place,
  until: Place,
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

export const appendLink = async (sql: Queryable, link: Link): Promise<void> => {
  await sql`
    insert into ledger_chain (link, entries, last_xid, last_id, digest, hash)
    values (
      ${link.link.toString()}::bigint, ${link.entries}::int, ${link.lastXid}::xid8, ${link.lastId}::bigint,
      ${link.digest}::bytea, ${link.hash}::bytea
    )`;
};

/** How far the chain is behind: entries in no link (counted up to so many), and the age of the oldest in seconds. */
export const chainLag = async (
  sql: Queryable,
  { lastXid, lastId }: Place,
  most: number,
): Promise<{ entries: number; seconds: number }> => {
  const [lag] = await sql<{ entries: number; seconds: number }[]>`
    select count(*)::int as entries,
      coalesce(greatest(extract(epoch from clock_timestamp() - min(recorded_at)), 0), 0)::float8 as seconds
    from (
      select recorded_at from ledger_entries as e
      where e.xid::text::bigint >= ${lastXid}::bigint and (e.xid, e.id) > (${lastXid}::xid8, ${lastId}::bigint)
      limit ${most}::int
    ) as behind`;
  return lag!;
};
