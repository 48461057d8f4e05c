import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import type { TransactionEvent } from "../../contracts/events/transaction-event.ts";
import { freshDatabase } from "../../tests/harness/database.ts";
import { persistTransactions } from "./persist-transactions.ts";

const transaction = (
  userId: string,
  eventId: string,
  over: Partial<TransactionEvent> = {},
): TransactionEvent => ({
  userId,
  eventId,
  amount: "0.1",
  currency: "USD",
  occurredAt: "2026-11-20T23:59:59.999999Z",
  receivedAt: "2026-11-21T00:00:00.000Z",
  ...over,
});

test("amounts add up exactly by day and currency, and a re-send changes nothing", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const counted: { inserted: number; received: number }[] = [];
  const persist = persistTransactions({ sql, count: (counts) => void counted.push(counts) });
  const user = randomUUID();
  const batch = [
    ...Array.from({ length: 10 }, (_, n) => transaction(user, `t${n}`)),
    transaction(user, "euro", { currency: "EUR", amount: "99999999999.9999", category: 'food, "fresh"' }),
    transaction(user, "next", { occurredAt: "2026-11-21T00:00:00.000Z" }),
  ];
  await Promise.all([persist(batch), persist(batch.toReversed())]);
  await persist([transaction(user, "t3", { amount: "5", occurredAt: "2026-11-22T00:00:00.000Z" })]);
  const days = await sql`
    select day::text, currency, transaction_count, amount_sum from transactions_summary
    where user_id = ${user}::uuid order by day, currency`;
  expect(days).toEqual([
    { day: "2026-11-20", currency: "EUR", transaction_count: "1", amount_sum: "99999999999.9999" },
    { day: "2026-11-20", currency: "USD", transaction_count: "10", amount_sum: "1.0" },
    { day: "2026-11-21", currency: "USD", transaction_count: "1", amount_sum: "0.1" },
  ]);
  expect(counted.reduce((sum, { inserted }) => sum + inserted, 0)).toBe(12);
  const [euro] = await sql`select category, amount from transactions where event_id = 'euro'`;
  expect(euro).toEqual({ category: 'food, "fresh"', amount: "99999999999.9999" });
});
