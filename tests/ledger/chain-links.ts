import type postgres from "postgres";
import type { Queryable } from "../../platform/database/connect.ts";
import { uuidv7 } from "uuidv7";
import { until } from "../harness/until.ts";
import type { Order } from "./model/transfer-order.ts";
import { openAccount } from "./open-account.ts";
import { endOf, extendChain } from "../../ledger-service/chain/extend-chain.ts";
import { type Entries, GENESIS, firstLinkHash } from "../../ledger-service/chain/link-hash.ts";
import { lastLink } from "../../ledger-service/sql/chain.ts";
import { chainLag } from "../../ledger-service/sql/chain-records.ts";

export const KEY = "a-chain-key-that-only-tests-use-0000000";

export const openPair = async (sql: Queryable) => ({
  bank: await openAccount(sql, { kind: "bank" }),
  system: await openAccount(sql, { kind: "system" }),
});

export const order = ({ bank, system }: { bank: string; system: string }): Order => ({
  id: uuidv7(),
  source: bank,
  destination: system,
  amount: "1.25",
  type: "transfer",
  scope: "platform",
  key: null,
  hash: null,
  owner: null,
  currency: null,
  reference: null,
  reverts: null,
  waits: false,
  later: false,
});

// A transaction under way in any database of the server holds links back, and other test files have theirs.
export const nextLink = (sql: postgres.Sql): Promise<number> =>
  until(async () => (await extendChain(sql, KEY)) || false, { what: "records to be final" });
export const extendBy = async (sql: postgres.Sql, records: number): Promise<void> => {
  for (let covered = 0; covered < records;) covered += await nextLink(sql);
};
/** Until nothing is left that is in no link. */
export const linkAll = async (sql: postgres.Sql): Promise<void> => {
  const covered = async () =>
    (await extendChain(sql, KEY)) === 0 && (await chainLag(sql, endOf(await lastLink(sql)), 1)).entries === 0;
  await until(covered, { what: "everything to be in a link" });
};

/** A link over what entries there are behind the last one, as they were made while links covered entries alone. */
export const appendFirstLink = async (sql: postgres.Sql, key: string): Promise<number> => {
  const last = (
    await sql`select link, hash, last_xid, last_id from ledger_chain order by link desc limit 1`
  )[0];
  const [cover] = await sql<Entries[]>`
    select count(*)::int as entries, max(e.id) as "lastId",
      (array_agg(e.xid order by e.xid desc))[1] as "lastXid",
      sha256(convert_to(string_agg(ledger_entry_text(e), E'\n' order by e.xid, e.id), 'UTF8')) as digest
    from ledger_entries as e
    where (e.xid, e.id) > (${last?.["last_xid"] ?? "0"}::xid8, ${last?.["last_id"] ?? "0"}::bigint)`;
  const link = BigInt(last?.["link"] ?? 0) + 1n;
  const hash = firstLinkHash(key, last?.["hash"] ?? GENESIS, link, cover!);
  await sql`
    insert into ledger_chain (link, entries, last_xid, last_id, digest, hash)
    values (${link.toString()}, ${cover!.entries}, ${cover!.lastXid}, ${cover!.lastId}, ${cover!.digest}, ${hash})`;
  return cover!.entries;
};

/** What is seen while something is changed; the change is undone after it. */
export const whileUndone = async <Seen>(
  sql: postgres.Sql,
  change: (tx: Queryable) => Promise<unknown>,
  look: (tx: Queryable) => Promise<Seen>,
): Promise<Seen> => {
  const undone = new Error("undone");
  let seen: { readonly it: Seen } | undefined;
  const changed = sql.begin(async (tx) => {
    await change(tx);
    seen = { it: await look(tx) };
    throw undone;
  });
  await changed.catch((error: unknown) => {
    if (error !== undone) throw error;
  });
  return seen!.it;
};
