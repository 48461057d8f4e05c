import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { expect, test } from "vitest";
import { freshDatabase } from "../../tests/harness/database.ts";
import { migrate } from "./migrate.ts";

// Numbered after the real ones, which the template database has run.
const copyOfMigrations = async () => {
  const folder = await mkdtemp(join(tmpdir(), "migrations-"));
  const add = (name: string, text: string) => writeFile(join(folder, name), text);
  return { folder, add, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
};

const emptied = async () => {
  const database = await freshDatabase();
  await database.sql`drop table schema_migrations`;
  return database;
};

test("processes that start together run each migration once", async () => {
  await using database = await emptied();
  await using migrations = await copyOfMigrations();
  await migrations.add(
    "0001_counted.sql",
    "create table counted (id int); insert into counted values (1); select pg_sleep(0.2);",
  );
  await migrations.add("0002_more.sql", "insert into counted values (2)");
  const pools = Array.from({ length: 4 }, () => postgres(database.url, { max: 1, onnotice: () => {} }));
  const ran = await Promise.all(pools.map((sql) => migrate(sql, migrations.folder)));
  await Promise.all(pools.map((sql) => sql.end()));
  expect(ran.flat().toSorted()).toEqual(["0001_counted.sql", "0002_more.sql"]);
  expect(await database.sql`select id from counted order by id`).toEqual([{ id: 1 }, { id: 2 }]);
});

test("a migration that fails leaves nothing of itself, and the next run goes on from there", async () => {
  await using database = await emptied();
  await using migrations = await copyOfMigrations();
  await migrations.add("0001_good.sql", "create table good (id int)");
  await migrations.add("0002_bad.sql", "create table half (id int); select 1/0;");
  await expect(migrate(database.sql, migrations.folder)).rejects.toThrow(
    "migration 0002_bad.sql failed: division by zero",
  );
  expect(await database.sql`select to_regclass('half') as half, to_regclass('good')::text as good`).toEqual([
    { half: null, good: "good" },
  ]);
  await migrations.add("0002_bad.sql", "create table half (id int)");
  expect(await migrate(database.sql, migrations.folder)).toEqual(["0002_bad.sql"]);
});

test("a migration edited after it ran is refused by name, as is one from a newer version", async () => {
  await using database = await emptied();
  await using migrations = await copyOfMigrations();
  await migrations.add("0001_first.sql", "select 1");
  await migrate(database.sql, migrations.folder);
  await migrations.add("0001_first.sql", "select 2");
  await expect(migrate(database.sql, migrations.folder)).rejects.toThrow("0001_first.sql was edited");
  await rm(join(migrations.folder, "0001_first.sql"));
  await expect(migrate(database.sql, migrations.folder)).rejects.toThrow("a newer version was here");
});

test("months are made once however many ask, and rows that strayed into the default partition move", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const stray = new Date("2031-05-10T00:00:00Z");
  await sql`
    insert into transactions (user_id, event_id, amount, currency, occurred_at, received_at)
    values (gen_random_uuid(), 'stray', 1, 'USD', ${stray}, now())`;
  const make = () =>
    sql<
      { made: number }[]
    >`select ensure_month_partitions('transactions', '2031-04-15', '2031-06-01') as made`;
  const made = await Promise.all([make(), make(), make()]);
  expect(
    made
      .flat()
      .map((row) => row.made)
      .toSorted((a, b) => a - b),
  ).toEqual([0, 0, 3]);
  expect(
    await sql`select tableoid::regclass::text as home from transactions where event_id = 'stray'`,
  ).toEqual([{ home: "transactions_2031_05" }]);
});
