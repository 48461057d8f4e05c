import pino from "pino";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { closeDatabase } from "../platform/database/connect.ts";
import { type FreshDatabase, freshDatabase } from "../tests/harness/database.ts";
import { until } from "../tests/harness/until.ts";
import type { Answer } from "./sql/answer.ts";
import { createGroupCommit, type GroupCommit } from "./commit/group-commit.ts";
import { type Lanes, openLanes } from "./lanes.ts";

let database: FreshDatabase;
let lanes: Lanes;
let commit: GroupCommit<string>;
let sent: string[][];

beforeAll(async () => {
  database = await freshDatabase();
  await database.sql`create table arrivals (n bigint generated always as identity, name text)`;
  lanes = openLanes(1, { url: database.url, name: "lanes-test" }, pino({ level: "silent" }));
});
afterAll(async () => {
  await closeDatabase(lanes.sql);
  await database[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await database.sql`truncate arrivals`;
  sent = [];
  commit = createGroupCommit<string>({ claims: () => [], batches: lanes.batches, maxBatch: 2, run: arrive });
});

// Waits for whoever holds the name's lock.
const arrive = async (names: readonly string[]): Promise<Answer[]> => {
  sent.push([...names]);
  await lanes.sql`
    with gate as materialized (select pg_advisory_xact_lock(hashtext(${names[0]!})))
    insert into arrivals (name) select unnest(${[...names]}::text[]) from gate`;
  return names.map((body) => ({ status: 201, body, replayed: false }));
};
const arrived = async () =>
  (await database.sql`select name from arrivals order by n`).map((row) => row["name"]);
const waits = async () =>
  (
    await database.sql`
    select pid from pg_stat_activity where application_name = 'lanes-test' and wait_event = 'advisory'`
  )[0];

test("the next batch is sent before the one under way is answered, and done after it", async () => {
  const answers: Promise<Answer>[] = [];
  await database.sql.begin(async (holder) => {
    await holder`select pg_advisory_xact_lock(hashtext('a'))`;
    answers.push(...["a", "b", "c", "d", "e"].map((name) => commit.submit(name)));
    await until(waits);
    expect(sent).toEqual([
      ["a", "b"],
      ["c", "d"],
    ]);
    expect(await arrived()).toEqual([]);
  });
  expect((await Promise.all(answers)).map(({ body }) => body)).toEqual(["a", "b", "c", "d", "e"]);
  expect(await arrived()).toEqual(["a", "b", "c", "d", "e"]);
});

test("a connection lost with two batches on it fails both, and neither is sent again by itself", async () => {
  let outcomes: PromiseSettledResult<Answer>[] = [];
  await database.sql.begin(async (holder) => {
    await holder`select pg_advisory_xact_lock(hashtext('a'))`;
    const settled = Promise.allSettled(["a", "b", "c", "d"].map((name) => commit.submit(name)));
    const { pid } = (await until(waits)) as { pid: number };
    await holder`select pg_terminate_backend(${pid}::integer)`;
    outcomes = await settled;
  });
  expect(outcomes.map(({ status }) => status)).toEqual(Array(4).fill("rejected"));
  expect(sent).toHaveLength(2);
  expect(await arrived()).toEqual([]);
  // The driver (3.4.9) may tell the first statement on its new connection of the old one's end once more.
  expect(await until(() => commit.submit("a"))).toMatchObject({ status: 201 });
});
