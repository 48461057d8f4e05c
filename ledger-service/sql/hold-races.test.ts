import { expect, test } from "vitest";
import type { Sql } from "../../platform/database/connect.ts";
import { freshDatabase } from "../../tests/harness/database.ts";
import { changeAccount } from "./accounts.ts";
import { authorize } from "./authorize.ts";
import {
  NO_RULES,
  PROBLEMS,
  audit,
  authorizeOne,
  brokenLedgerRules,
  captureOne,
  expireHolds,
  openLine,
  purchase,
  tell,
  voidOne,
} from "../../tests/ledger/credit-line.ts";
import type { Line, Told } from "../../tests/ledger/credit-line.ts";

const CALLERS = 50;
const SOUND = [0, 0, 0, 0];
const callers = <Result>(ask: (n: number) => Promise<Result>): Promise<Result[]> =>
  Promise.all(Array.from({ length: CALLERS }, (_, n) => ask(n)));
const connected = () => freshDatabase({ max: CALLERS + 5 });
const codes = (answers: Told[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { status, body } of answers) {
    const name = status < 400 ? "done" : body.code;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
};

test("fifty captures of one hold: one takes it, the others hear that it is captured", async () => {
  await using env = await connected();
  const line = await openLine(env.sql);
  const { body } = await authorizeOne(env.sql, line);
  const answers = await callers(() => captureOne(env.sql, line, body.id));
  expect(codes(answers)).toEqual({ done: 1, hold_already_captured: CALLERS - 1 });
  expect(await audit(env.sql, line)).toEqual({ posted: 1_000, pending: 0, version: 3, wrong: SOUND });
  expect(await brokenLedgerRules(env.sql)).toEqual([]);
});

test("captures, voids and expiry of one hold: exactly one of them wins, and everybody hears the same winner", async () => {
  await using env = await connected();
  const line = await openLine(env.sql);
  for (let round = 0; round < 10; round++) {
    const { body } = await authorizeOne(env.sql, line);
    const before = await audit(env.sql, line);
    const due = round % 2 === 1;
    // Due in the middle of the race: whoever comes later than this finds it expired.
    const ageing = due
      ? env.sql`update ledger_holds set placed_at = placed_at - interval '1 hour', expires_at = clock_timestamp() + interval '5 milliseconds' where id = ${body.id}::uuid`
      : Promise.resolve();
    let expired = 0;
    const answers = await callers(async (n) => {
      if (n % 3 === 0) return captureOne(env.sql, line, body.id);
      if (n % 3 === 1) return voidOne(env.sql, line, body.id);
      expired += await expireHolds(env.sql, 10);
      return undefined;
    });
    await ageing;
    const told = answers.filter((answer) => answer !== undefined);
    const won = told.filter(({ status }) => status < 400).length;
    const [hold] = await env.sql<
      { status: string }[]
    >`select status from ledger_holds where id = ${body.id}::uuid`;
    if (hold!.status === "open") {
      // Everybody came before the sweeper and after its time.
      expect([won, expired]).toEqual([0, 0]);
      expect(await expireHolds(env.sql, 10)).toBe(1);
    } else expect([won, expired]).toEqual(hold!.status === "expired" ? [0, 1] : [1, 0]);
    const losers = new Set(
      told.filter(({ status }) => status >= 400).map(({ body: problem }) => problem.code as string),
    );
    expect(losers.size).toBe(1);
    const after = await audit(env.sql, line);
    expect(after).toMatchObject({ pending: 0, version: before.version + 1, wrong: SOUND });
  }
  expect(await brokenLedgerRules(env.sql)).toEqual([]);
});

test("the last unit of a line is spent once by fifty callers", async () => {
  await using env = await connected();
  const line = await openLine(env.sql, 1_000);
  const answers = await callers(() => authorizeOne(env.sql, line));
  expect(answers.filter(({ body }) => body.status === "approved")).toHaveLength(1);
  expect(answers.filter(({ body }) => body.reason === "insufficient_credit")).toHaveLength(CALLERS - 1);
  expect(await audit(env.sql, line)).toEqual({ posted: 0, pending: 1_000, version: 2, wrong: SOUND });
  expect(await brokenLedgerRules(env.sql)).toEqual([]);
});

test("one key from fifty callers: one authorization, the others get its answer or are told that it is running", async () => {
  await using env = await connected();
  const line = await openLine(env.sql);
  const ask = async () =>
    tell((await authorize(env.sql, [purchase(line, { key: "k", hash: "68" })], NO_RULES, PROBLEMS))[0]!);
  const answers = await callers(ask);
  expect(answers.filter(({ status, replayed }) => status === 201 && !replayed)).toHaveLength(1);
  const ids = new Set(answers.filter(({ status }) => status === 201).map(({ body }) => body.id as string));
  expect(ids.size).toBe(1);
  for (const { status } of answers) expect([201, 409]).toContain(status);
  expect(await audit(env.sql, line)).toMatchObject({ pending: 1_000, version: 2, wrong: SOUND });
  expect(await brokenLedgerRules(env.sql)).toEqual([]);
});

test("a limit lowered meanwhile: nothing new fits above it, what is held stays and can be captured", async () => {
  await using env = await connected();
  const line = await openLine(env.sql, 30_000);
  const [answers, used] = await Promise.all([
    callers(() => authorizeOne(env.sql, line)),
    lowerLimit(env.sql, line, "20.00"),
  ]);
  const approved = answers.filter(({ body }) => body.status === "approved");
  expect(approved.length * 1_000).toBe(Math.max(used, 2_000));
  expect((await authorizeOne(env.sql, line, { amount: "0.01" })).body.reason).toBe("insufficient_credit");
  const captured = await Promise.all(
    approved.map(({ body }) => captureOne(env.sql, line, body.id as string)),
  );
  expect(codes(captured)).toEqual({ done: approved.length });
  expect(await audit(env.sql, line)).toMatchObject({
    posted: approved.length * 1_000,
    pending: 0,
    wrong: SOUND,
  });
  expect(await brokenLedgerRules(env.sql)).toEqual([]);
});

test("batches over many lines in every order meet no deadlock", async () => {
  await using env = await connected();
  const lines = await Promise.all(Array.from({ length: 8 }, () => openLine(env.sql, 1_000_000)));
  const batches = await callers((n) => {
    const turned = lines.map((_, i) => lines[(i * 3 + n) % lines.length]!);
    return authorize(
      env.sql,
      turned.map((line) => purchase(line)),
      NO_RULES,
      PROBLEMS,
    );
  });
  expect(new Set(batches.flat().map((answer) => tell(answer).body.status as string))).toEqual(
    new Set(["approved"]),
  );
  for (const line of lines)
    expect(await audit(env.sql, line)).toMatchObject({
      pending: CALLERS * 1_000,
      version: CALLERS + 1,
      wrong: SOUND,
    });
  expect(await brokenLedgerRules(env.sql)).toEqual([]);
});

// As an operator does, who looks again when somebody was faster. Returns what was in use at that moment, in cents.
const lowerLimit = async (sql: Sql, line: Line, creditLimit: string): Promise<number> => {
  for (;;) {
    const { version } = await audit(sql, line);
    const change = { id: line.accountId, expected: String(version), creditLimit, actor: "test" };
    const { status, body } = await changeAccount(sql, {
      ...change,
      instance: "",
      requestId: "",
      headers: {},
    });
    if (status === 200) return Number((JSON.parse(body) as { debitsPending: string }).debitsPending) * 100;
  }
};
