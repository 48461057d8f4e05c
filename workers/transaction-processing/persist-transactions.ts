import type { TransactionEvent } from "../../contracts/events/transaction-event.ts";
import type { Sql } from "../../platform/database/connect.ts";
import type { Handler } from "../../platform/messaging/outcome.ts";
import type { CountIntake } from "../telemetry/intake-metrics.ts";
import { createPersistBatch } from "../telemetry/persist-batch.ts";
import { insertTransactions, insertNewTransactions, toTransactionRows } from "./sql/insert-transactions.ts";

export type PersistTransactionsDeps = { sql: Sql; count: CountIntake };

/** Persists transactions; an event that is there already changes nothing. */
export const persistTransactions = ({ sql, count }: PersistTransactionsDeps): Handler<TransactionEvent> =>
  createPersistBatch({
    toRows: toTransactionRows,
    allNew: (rows) => insertNewTransactions(sql, rows),
    unlessKnown: (rows) => insertTransactions(sql, rows),
    count,
  });
