import { expect, test } from "vitest";
import { freshDatabase } from "../tests/harness/database.ts";
import { KEYS_LIVE_HOURS, sweepARound } from "./forget-what-is-old.ts";

test("a round sweeps all of a small table, and a part of a large one", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  // Each as large as may be without leaving its block: one to a block.
  const store = (count: number) => sql`
    insert into idempotency_keys (caller_id, idempotency_key, request_hash, response_status, response_body, created_at)
    select 'platform', gen_random_uuid()::text, '\\x01', 201, string_agg(gen_random_uuid()::text, ''),
      now() - make_interval(hours => ${KEYS_LIVE_HOURS + 1})
    from generate_series(1, ${count}::int) as n, generate_series(1, 200) group by n`;
  await sql`alter table idempotency_keys alter column response_body set storage plain`;
  await store(900);
  expect(await sweepARound(sql)).toBe(900);
  await store(3_000);
  const first = await sweepARound(sql);
  expect(first).toBeGreaterThan(0);
  expect(first).toBeLessThan(3_000);
});
