import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { freshDatabase } from "../../tests/harness/database.ts";
import { copyFunctions } from "../../tests/ledger/copy-functions.ts";

const FOLDER = new URL("functions/", import.meta.url);

test("the functions in functions/ are those that the migrated database runs: else npm run ledger:functions", async () => {
  await using database = await freshDatabase();
  const there = readdirSync(FOLDER).map((file) => [
    file.replace(/\.sql$/, ""),
    readFileSync(new URL(file, FOLDER), "utf8"),
  ]);
  expect(Object.fromEntries(there)).toEqual(Object.fromEntries(await copyFunctions(database.sql)));
});

test("each copy runs, and leaves the functions as they are", async () => {
  await using database = await freshDatabase();
  const define = () =>
    database.sql`select pg_get_functiondef(oid) as text from pg_proc where pronamespace = 'public'::regnamespace order by 1`;
  const before = await define();
  for (const file of readdirSync(FOLDER))
    await database.sql.unsafe(readFileSync(new URL(file, FOLDER), "utf8"));
  expect(await define()).toEqual(before);
});
