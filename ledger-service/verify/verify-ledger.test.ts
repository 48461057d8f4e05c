import { uuidv7 } from "uuidv7";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FreshDatabase, freshDatabase } from "../../tests/harness/database.ts";
import { accountIdOf } from "../domain/external-account-id.ts";
import { changeAccount } from "../sql/accounts.ts";
import { corruptions, lively, openFor } from "../../tests/ledger/corruptions.ts";
import { brokenRules, describeFindings } from "./describe.ts";
import { loadRules } from "./load-rules.ts";
import { findBroken, verifyLedger } from "./verify-ledger.ts";

test("each rule has a corruption that it must find", () => {
  expect(loadRules().map(({ name }) => name)).toEqual(Object.keys(corruptions).sort());
});

describe("in a ledger that was only used", () => {
  let database: FreshDatabase;
  let at: Awaited<ReturnType<typeof lively>>;
  beforeAll(async () => {
    database = await freshDatabase({ max: 2 });
    at = await lively(database.sql);
  });
  afterAll(() => database[Symbol.asyncDispose]());

  test("no rule is broken", async () => {
    const findings = await verifyLedger(database.sql, { outboxIsWhole: true });
    expect(brokenRules(findings), describeFindings(findings)).toEqual([]);
  });

  const cases = Object.entries(corruptions).flatMap(([rule, ways]) =>
    ways.map((corrupt, index) => ({ rule, number: index + 1, corrupt })),
  );
  test.each(cases)("$rule finds corruption $number", async ({ rule, corrupt }) => {
    const undone = new Error("undone");
    let broken: string[] = [];
    const corrupted = database.sql.begin(async (tx) => {
      await corrupt(tx, at);
      broken = brokenRules(await findBroken(tx, { outboxIsWhole: true })).map(({ name }) => name);
      throw undone;
    });
    await expect(corrupted).rejects.toBe(undone);
    expect(broken).toContain(rule);
  });
});

test("accounts of names, those that operators open, people's of other ids and what was closed are in nobody's place", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const person = `user:${uuidv7()}`;
  const [name, other, left] = ["order-7", "order-8", "order-9"].map(accountIdOf) as [string, string, string];
  await openFor(sql, "platform", { id: name, externalId: "order-7" });
  await openFor(sql, "platform", { id: other });
  await openFor(sql, person, { id: uuidv7() });
  await openFor(sql, person, { id: left });
  const named = async () => brokenRules(await verifyLedger(sql, { outboxIsWhole: true }));
  expect(await named()).toMatchObject([
    { name: "names-not-taken", violations: 1, examples: [{ subject: left }] },
  ]);
  const closing = {
    status: "closed",
    expected: null,
    actor: "test",
    instance: "/test",
    requestId: "test",
    headers: {},
  } as const;
  expect((await changeAccount(sql, { ...closing, id: left })).status).toBe(200);
  expect(await named()).toEqual([]);
});

test("what has left the outbox must be in the stream, as far back as the stream goes", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const { ids } = await lively(sql);
  const gone = await sql<{ message_id: string }[]>`delete from outbox returning message_id`;
  const messageIds = gone.map(({ message_id }) => message_id);
  const look = async (found: string[], since: Date) =>
    brokenRules(await verifyLedger(sql, { readPublished: async () => ({ messageIds: found, since }) }));

  expect(await look(messageIds, new Date(0))).toEqual([]);
  expect(await look([], new Date(Date.now() + 60_000))).toEqual([]);
  const lost = `transaction.completed:${ids[0]!}`;
  const [finding] = await look(
    messageIds.filter((id) => id !== lost),
    new Date(0),
  );
  expect(finding).toMatchObject({
    name: "changes-announced",
    violations: 1,
    examples: [{ subject: lost }],
  });
});
