import { randomUUID } from "node:crypto";
import fc from "../../tests/harness/fast-check.ts";
import { expect, test } from "vitest";
import type { TransactionEvent } from "../../contracts/events/transaction-event.ts";
import { turnTable } from "../../platform/database/turn-table.ts";
import { freshDatabase } from "../../tests/harness/database.ts";
import { identityKey } from "./identity-key.ts";
import { persistTransactions } from "../transaction-processing/persist-transactions.ts";

const transaction = (userId: string, n: number): TransactionEvent => ({
  userId,
  eventId: `order-${n}`,
  amount: "1.5",
  currency: "USD",
  occurredAt: new Date().toISOString(),
  receivedAt: new Date().toISOString(),
});

test("the database computes an identity as the workers do, whatever the event's id", async () => {
  await using database = await freshDatabase();
  const text = fc
    .string({ unit: "grapheme", minLength: 1, maxLength: 64 })
    .filter((id) => !id.includes("\0"));
  await fc.assert(
    fc.asyncProperty(fc.uuid(), text, async (userId, eventId) => {
      const [row] = await database.sql<{ id: string }[]>`
        select event_identity(${userId}::uuid, ${eventId}) as id`;
      expect(row!.id.replaceAll("-", "")).toBe(identityKey(userId.toUpperCase(), eventId));
    }),
    { numRuns: 50 },
  );
});

test("an event sent again has no second effect, also while and after the tables of identities turn", async () => {
  await using database = await freshDatabase({ max: 6 });
  const { sql } = database;
  const persist = persistTransactions({ sql, count: () => {} });
  const user = randomUUID();
  const events = Array.from({ length: 300 }, (_, n) => transaction(user, n));
  const sending = Array.from({ length: 20 }, (_, n) => persist(events.slice(n * 10, n * 10 + 100)));
  const turned = turnTable(sql, "transaction_identities", 0);
  await Promise.all([...sending, ...Array.from({ length: 20 }, () => persist(events))]);
  expect(await turned).toBe(true);
  await persist(events);
  const [row] = await sql`
    select
      (select count(*)::int from transactions) as rows,
      (select sum(transaction_count)::int from transactions_summary) as counted`;
  expect(row).toEqual({ rows: 300, counted: 300 });
});

test("a worker that has just begun knows an event by either table of identities, and stores its neighbours", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const user = randomUUID();
  const storing = async (...numbers: number[]): Promise<number> => {
    const counted: number[] = [];
    const persist = persistTransactions({ sql, count: ({ inserted }) => void counted.push(inserted) });
    await persist(numbers.map((n) => transaction(user, n)));
    return counted.reduce((sum, inserted) => sum + inserted, 0);
  };
  expect(await storing(1, 2)).toBe(2);
  expect(await storing(2, 3)).toBe(1);
  expect(await turnTable(sql, "transaction_identities", 0)).toBe(true);
  expect(await storing(3, 4)).toBe(1);
  expect(await storing(4, 1)).toBe(0);
  const [row] = await sql`
    select
      (select count(*)::int from transactions) as rows,
      (select count(*)::int from transaction_identities) as identities,
      (select sum(transaction_count)::int from transactions_summary) as counted`;
  expect(row).toEqual({ rows: 4, identities: 1, counted: 4 });
});

test("batches that share events neither deadlock nor count twice, whether written in hope or with care", async () => {
  await using database = await freshDatabase({ max: 8 });
  const { sql } = database;
  const user = randomUUID();
  const batch = (from: number) => Array.from({ length: 40 }, (_, n) => transaction(user, from + n));
  for (let begin = 0; begin < 200; begin += 50) {
    const handlers = Array.from({ length: 8 }, () => persistTransactions({ sql, count: () => {} }));
    await Promise.all(handlers.map((persist, n) => persist(batch(begin + ((n * 7) % 20)))));
  }
  const [row] = await sql`
    select
      (select count(*)::int from transactions) as rows,
      (select sum(transaction_count)::int from transactions_summary) as counted`;
  expect(row).toEqual({ rows: 205, counted: 205 });
});
