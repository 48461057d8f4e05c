import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type FreshDatabase, freshDatabase } from "../../tests/harness/database.ts";
import type { Sql } from "../database/connect.ts";
import { sweepOldKeys } from "./sweep-old-keys.ts";

let database: FreshDatabase;
let sql: Sql;
beforeAll(async () => {
  database = await freshDatabase();
  sql = database.sql;
});
afterAll(() => database[Symbol.asyncDispose]());
beforeEach(async () => {
  await sql`truncate idempotency_keys`;
  await sql`update idempotency_sweep set next_block = 0`;
});

/** So many keys, every third of them as old as `hours`, the others made now; with answers that fill many blocks. */
const storeKeys = (count: number, hours: number) => sql`
  insert into idempotency_keys (caller_id, idempotency_key, request_hash, response_status, response_body, created_at)
  select 'platform', 'key-' || n, '\\x01', 201, repeat('x', 500), now() - case when n % 3 = 0 then make_interval(hours => ${hours}) else '0' end
  from generate_series(1, ${count}::int) as n`;

const left = async (): Promise<number> => {
  const [row] = await sql<{ count: number }[]>`select count(*)::int as count from idempotency_keys`;
  return row!.count;
};

test("piece by piece all old keys go, no other, and the sweep begins anew", async () => {
  await storeKeys(900, 49);
  let [dropped, pieces] = [0, 0];
  for (let passed = false; !passed; pieces++) {
    const swept = (await sweepOldKeys(sql, 48, 10))!;
    expect(swept.dropped).toBeLessThan(300);
    dropped += swept.dropped;
    passed = swept.passed;
  }
  expect([dropped, await left()]).toEqual([300, 600]);
  expect(pieces).toBeGreaterThan(5);
  await sql`update idempotency_keys set created_at = now() - interval '49 hours'`;
  for (let n = 0; n < 2 * pieces; n++) await sweepOldKeys(sql, 48, 10);
  expect(await left()).toBe(0);
});

test("a key stays until it is as old as it may become", async () => {
  await storeKeys(3, 47);
  expect(await sweepOldKeys(sql, 48, 1_000)).toMatchObject({ dropped: 0, passed: true });
  expect(await sweepOldKeys(sql, 47, 1_000)).toMatchObject({ dropped: 1, passed: true });
});

test("while one process sweeps another does nothing", async () => {
  await storeKeys(3, 49);
  await sql.begin(async (tx) => {
    await tx`select from idempotency_sweep for update`;
    expect(await sweepOldKeys(sql, 48, 1_000)).toBeUndefined();
  });
  expect(await sweepOldKeys(sql, 48, 1_000)).toMatchObject({ dropped: 1 });
});

test("a piece whose sweep fails is swept again", async () => {
  await storeKeys(900, 49);
  await sql`create function fail() returns trigger language plpgsql as $$ begin raise exception 'crashed'; end $$`;
  await sql`create trigger crash after delete on idempotency_keys for each statement execute function fail()`;
  await expect(sweepOldKeys(sql, 48, 10)).rejects.toThrow("crashed");
  await sql`drop trigger crash on idempotency_keys`;
  for (let passed = false; !passed;) passed = (await sweepOldKeys(sql, 48, 10))!.passed;
  expect(await left()).toBe(600);
});
