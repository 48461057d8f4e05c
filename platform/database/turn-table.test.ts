import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { freshDatabase } from "../../tests/harness/database.ts";
import { turnTable } from "./turn-table.ts";

const NAME = "transaction_identities";

test("a table is kept for its time as the one before, and dropped whole at the next turn", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const [first, second] = [randomUUID(), randomUUID()];
  await sql`insert into transaction_identities (id) values (${first}::uuid)`;
  // Made with the template database, which may be some minutes old.
  expect(await turnTable(sql, NAME, 24 * 3_600_000)).toBe(false);
  expect(await turnTable(sql, NAME, 0)).toBe(true);
  await sql`insert into transaction_identities (id) values (${second}::uuid)`;
  expect(await sql`select id from transaction_identities_before`).toEqual([{ id: first }]);
  expect(await sql`select id from transaction_identities`).toEqual([{ id: second }]);
  expect(await turnTable(sql, NAME, 0)).toBe(true);
  expect(await sql`select id from transaction_identities_before`).toEqual([{ id: second }]);
  expect(await sql`select id from transaction_identities`).toEqual([]);
});

test("of several processes that find a table due, one turns it", async () => {
  await using database = await freshDatabase({ max: 4 });
  const { sql } = database;
  await sql`update table_turns set turned_at = now() - interval '1 hour'`;
  const turned = await Promise.all([1, 2, 3, 4].map(() => turnTable(sql, NAME, 60_000)));
  expect(turned.filter(Boolean)).toHaveLength(1);
});
