import type { Sql } from "../../platform/database/connect.ts";
import { inTransaction } from "../../platform/database/transaction.ts";
import { type Link, appendLink, lastLink } from "../sql/chain.ts";
import { copyRecords, nextPlace } from "../sql/chain-records.ts";
import { BEGINNING, GENESIS, type Place, linkHash } from "./link-hash.ts";

/** Records that one link covers at most. */
export const LINK_SIZE = 5_000;

/**
 * Appends a link for records that are final and in none yet; several processes may try, one of them does it at a time.
 * @returns how many records it covers; 0 where there are none, or where another process is at it
 */
export const extendChain = (sql: Sql, key: string): Promise<number> =>
  inTransaction(sql, async (tx) => {
    const [claim] = await tx<{ claimed: boolean }[]>`
      select pg_try_advisory_xact_lock(hashtextextended('ledger_chain', 0)) as claimed`;
    if (!claim?.claimed) return 0;
    const before = await lastLink(tx);
    const after = endOf(before);
    const last = await nextPlace(tx, after, LINK_SIZE);
    if (!last) return 0;
    const link = (before?.link ?? 0n) + 1n;
    const records = await copyRecords(tx, link, after, last);
    await appendLink(tx, { ...records, link, hash: linkHash(key, before?.hash ?? GENESIS, link, records) });
    return records.entries;
  });

/** Up to where records are covered: links of the first version cover entries, and everything is covered anew behind them. */
export const endOf = (link: Link | undefined): Place => (link?.version === 2 ? link.last : BEGINNING);
