import type { Queryable } from "../../platform/database/connect.ts";
import { type FirstLink, type Link, type RecordLink, entriesBetween, linksAfter } from "../sql/chain.ts";
import { changedRecords, recordsBetween, strayRecords } from "../sql/chain-records.ts";
import { describeChange } from "./describe-change.ts";
import { BEGINNING, GENESIS, type Place, firstLinkHash, linkHash } from "./link-hash.ts";

/** The link's number, or the next one's for what is in none. */
export type BrokenLink = { readonly link: string; readonly detail: string };
export type ChainFinding = {
  readonly links: number;
  /** Covered by links of the second version. */
  readonly records: number;
  /** Covered by links of the first version. */
  readonly entries: number;
  readonly broken: BrokenLink[];
};

const AT_A_TIME = 1_000;
const MOST_NAMED = 20;

type Before = {
  readonly link: bigint;
  readonly hash: Buffer;
  readonly entry: { readonly lastXid: string; readonly lastId: string };
  readonly record: Place;
};
const START: Before = { link: 0n, hash: GENESIS, entry: { lastXid: "0", lastId: "0" }, record: BEGINNING };

/**
 * Computes every link anew from what it covers. Without the key that is compared with the digests alone, which whoever
 * changes the one can change too.
 */
export const verifyChain = async (sql: Queryable, key: string | undefined): Promise<ChainFinding> => {
  const broken: BrokenLink[] = [];
  const covered = { 1: 0, 2: 0 };
  let before = START;
  for (;;) {
    const links = await linksAfter(sql, before.link, AT_A_TIME);
    for (const link of links) {
      const details =
        link.link === before.link + 1n
          ? await judge(sql, before, link, key)
          : [`follows link ${before.link}: those between were taken away`];
      broken.push(...details.map((detail) => ({ link: link.link.toString(), detail })));
      covered[link.version] += link.entries;
      before = behind(before, link);
    }
    if (links.length < AT_A_TIME) break;
  }
  for (const { kind, id, why } of await strayRecords(sql, MOST_NAMED))
    broken.push({ link: (before.link + 1n).toString(), detail: `${kind} ${id} is in no link: it ${why}` });
  return { links: Number(before.link), records: covered[2], entries: covered[1], broken };
};

const behind = (before: Before, link: Link): Before =>
  link.version === 1
    ? { ...before, link: link.link, hash: link.hash, entry: link }
    : { ...before, link: link.link, hash: link.hash, record: link.last };

const judge = (sql: Queryable, before: Before, link: Link, key: string | undefined): Promise<string[]> =>
  link.version === 1 ? judgeEntries(sql, before, link, key) : judgeRecords(sql, before, link, key);

const judgeEntries = async (
  sql: Queryable,
  before: Before,
  link: FirstLink,
  key: string | undefined,
): Promise<string[]> => {
  if (before.record !== BEGINNING) return ["covers entries alone, behind links that cover records"];
  const found = await entriesBetween(sql, before.entry, link);
  if (found.entries !== link.entries) return [`covers ${link.entries} entries, ${found.entries} are there`];
  if (!found.digest?.equals(link.digest)) return ["an entry that it covers was changed"];
  return judgeHash(key, (known) => firstLinkHash(known, before.hash, link.link, link).equals(link.hash));
};

const judgeRecords = async (
  sql: Queryable,
  before: Before,
  link: RecordLink,
  key: string | undefined,
): Promise<string[]> => {
  const wrong = judgeHash(key, (known) => linkHash(known, before.hash, link.link, link).equals(link.hash));
  const found = await recordsBetween(sql, before.record, link.last);
  if (found.entries === link.entries && found.digest?.equals(link.digest)) return wrong;
  const changed = await changedRecords(sql, link, before.record, link.last);
  if (!changed || changed.length === 0)
    return [
      ...wrong,
      `covers ${link.entries} records, ${found.entries} are there; one was changed, and no copy that its digest speaks for says which`,
    ];
  const named = changed.slice(0, MOST_NAMED).map(describeChange);
  const rest = changed.length - named.length;
  return [...named, ...(rest > 0 ? [`and ${rest} more records`] : []), ...wrong];
};

const judgeHash = (key: string | undefined, holds: (key: string) => boolean): string[] =>
  key === undefined || holds(key) ? [] : ["its hash was not made with the key from the link before it"];
