import type { Queryable } from "../../platform/database/connect.ts";
import { type Link, type Place, coverBetween, linksAfter } from "../sql/chain.ts";
import { GENESIS, linkHash } from "./link-hash.ts";

export type BrokenLink = { readonly link: string; readonly detail: string };
export type ChainFinding = {
  readonly links: number;
  readonly entries: number;
  readonly broken: BrokenLink[];
};

const AT_A_TIME = 1_000;
const START: Place & { hash: Buffer } = { lastXid: "0", lastId: "0", hash: GENESIS };

/**
 * Computes every link anew from the entries. Without the key the entries are compared with the digests alone, which
 * whoever changes them can change too.
 */
export const verifyChain = async (sql: Queryable, key: string | undefined): Promise<ChainFinding> => {
  const broken: BrokenLink[] = [];
  let before = START;
  let number = 0n;
  let entries = 0;
  for (;;) {
    const links = await linksAfter(sql, number, AT_A_TIME);
    for (const link of links) {
      const detail =
        link.link === number + 1n ? await judge(sql, before, link, key) : `follows link ${number}`;
      if (detail) broken.push({ link: link.link.toString(), detail });
      before = link;
      number = link.link;
      entries += link.entries;
    }
    if (links.length < AT_A_TIME) return { links: Number(number), entries, broken };
  }
};

const judge = async (
  sql: Queryable,
  before: Place & { hash: Buffer },
  link: Link,
  key: string | undefined,
): Promise<string | undefined> => {
  const found = await coverBetween(sql, before, link);
  if (found.entries !== link.entries) return `covers ${link.entries} entries, ${found.entries} are there`;
  if (!found.digest?.equals(link.digest)) return "an entry that it covers was changed";
  if (key !== undefined && !linkHash(key, before.hash, link.link, link).equals(link.hash))
    return "its hash was not made with the key from the link before it";
  return undefined;
};
