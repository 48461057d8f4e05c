import type { TransactionEvent } from "../../contracts/events/transaction-event.ts";
import type { Sql } from "../../platform/database/connect.ts";
import type { Handler } from "../../platform/messaging/outcome.ts";
import { distinctByIdentity } from "../distinct-by-identity.ts";
import type { CountIntake } from "../intake-metrics.ts";
import { outcomesOf } from "../outcomes-of.ts";
import { createStoreBatch } from "../store-batch.ts";
import { insertNewTransactions, insertTransactions } from "./sql/insert-transactions.ts";

export type PersistTransactionsDeps = { sql: Sql; count: CountIntake };

/** Persists transactions; an event that is there already changes nothing. */
export const persistTransactions = ({ sql, count }: PersistTransactionsDeps): Handler<TransactionEvent> => {
  const store = createStoreBatch<TransactionEvent>({
    allNew: (batch) => insertNewTransactions(sql, batch),
    unlessKnown: (batch) => insertTransactions(sql, batch),
  });
  return async (events) => {
    const stored = await store(distinctByIdentity(events));
    count({ inserted: stored.inserted, received: events.length });
    return outcomesOf(events, stored);
  };
};
