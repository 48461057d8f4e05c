import { afterAll, expect } from "vitest";
import type { Sql } from "../../platform/database/connect.ts";
import { freshDatabase } from "./database.ts";
import { findFaults, type LedgerAnswer, type LedgerReplica, startLedger } from "./ledger-service.ts";

export type UsedLedger = {
  readonly sql: Sql;
  readonly ledger: LedgerReplica;
  /** An operator's transfer; `more` of what the route takes. */
  readonly move: (
    source: string,
    destination: string,
    amount: string,
    more?: object,
  ) => Promise<LedgerAnswer>;
};

/** A replica of ledger-service on a database of the test file's own, in which nothing may be at fault in the end. */
export const useLedger = async (): Promise<UsedLedger> => {
  const database = await freshDatabase();
  const ledger = startLedger(database.sql);
  afterAll(async () => {
    expect(await findFaults(database.sql)).toEqual([]);
    await ledger[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });
  const move: UsedLedger["move"] = (sourceAccountId, destinationAccountId, amount, more = {}) =>
    ledger.send("POST", "/v1/transfers", {
      body: { sourceAccountId, destinationAccountId, amount, ...more },
    });
  return { sql: database.sql, ledger, move };
};
