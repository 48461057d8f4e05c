import type { Sql } from "../../platform/database/connect.ts";
import { inTransaction } from "../../platform/database/transaction.ts";
import { appendLink, lastLink, nextCover } from "../sql/chain.ts";
import { GENESIS, linkHash } from "./link-hash.ts";

/** Entries that one link covers at most. */
export const LINK_SIZE = 5_000;

/**
 * Appends a link for entries that are final and in none yet; several processes may try, one of them does it at a time.
 * @returns how many entries it covers; 0 where there are none, or where another process is at it
 */
export const extendChain = (sql: Sql, key: string): Promise<number> =>
  inTransaction(sql, async (tx) => {
    const [claim] = await tx<{ claimed: boolean }[]>`
      select pg_try_advisory_xact_lock(hashtextextended('ledger_chain', 0)) as claimed`;
    if (!claim?.claimed) return 0;
    const last = (await lastLink(tx)) ?? { link: 0n, lastXid: "0", lastId: "0", hash: GENESIS };
    const cover = await nextCover(tx, last, LINK_SIZE);
    if (!cover) return 0;
    const link = last.link + 1n;
    await appendLink(tx, { ...cover, link, hash: linkHash(key, last.hash, link, cover) });
    return cover.entries;
  });
