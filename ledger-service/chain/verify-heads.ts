import type { ChainHead } from "../../contracts/events/chain-head.ts";
import type { Queryable } from "../../platform/database/connect.ts";
import { hashesOf, secondsSinceLinkAfter } from "../sql/chain.ts";
import type { BrokenLink } from "./verify-chain.ts";

export type HeadFinding = {
  readonly heads: number;
  /** The last one's link. */
  readonly last: string | undefined;
  readonly broken: BrokenLink[];
};

const AT_A_TIME = 1_000;
/** A chain that has existed for longer has had its head published, by a service that reaches the broker. */
const PUBLISHED_WITHIN_SECONDS = 60;

/** Compares every head that was published with the chain. They were read before, and the chain only grows. */
export const verifyHeads = async (sql: Queryable, heads: readonly ChainHead[]): Promise<HeadFinding> => {
  const broken: BrokenLink[] = [];
  for (let start = 0; start < heads.length; start += AT_A_TIME) {
    const some = heads.slice(start, start + AT_A_TIME);
    const hashes = await hashesOf(
      sql,
      some.map(({ link }) => link),
    );
    for (const { link, hash } of some) {
      const found = hashes.get(link);
      if (found === undefined)
        broken.push({ link, detail: "its hash was published, and the chain does not have it" });
      else if (found !== hash)
        broken.push({ link, detail: "was published with another hash than the chain has" });
    }
  }
  if (heads.length === 0 && (await secondsSinceLinkAfter(sql, "0")) > PUBLISHED_WITHIN_SECONDS)
    broken.push({ link: "1", detail: "is there, and no head is kept outside of the database" });
  return { heads: heads.length, last: heads.at(-1)?.link, broken };
};
