import type postgres from "postgres";
import type { Queryable } from "../../platform/database/connect.ts";
import { uuidv7 } from "uuidv7";
import { until } from "../harness/until.ts";
import type { Order } from "./model/transfer-order.ts";
import { openAccount } from "./open-account.ts";
import { extendChain } from "../../ledger-service/chain/extend-chain.ts";

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
  until(async () => (await extendChain(sql, KEY)) || false, { what: "entries to be final" });
export const extendBy = async (sql: postgres.Sql, entries: number): Promise<void> => {
  for (let covered = 0; covered < entries;) covered += await nextLink(sql);
};
