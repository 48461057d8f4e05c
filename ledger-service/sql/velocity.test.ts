import { afterAll, beforeAll, expect, test } from "vitest";
import type { Sql } from "../../platform/database/connect.ts";
import { type FreshDatabase, freshDatabase } from "../../tests/harness/database.ts";
import {
  brokenLedgerRules,
  type Line,
  NO_RULES,
  openLine,
  PROBLEMS,
  purchase,
  tell,
} from "../../tests/ledger/credit-line.ts";
import type { RiskPolicy } from "../domain/risk-policy.ts";
import { authorize } from "./authorize.ts";

let database: FreshDatabase;
let sql: Sql;
beforeAll(async () => {
  database = await freshDatabase();
  sql = database.sql;
});
afterAll(() => database[Symbol.asyncDispose]());

const rule = (velocity: Partial<RiskPolicy["velocity"]>): RiskPolicy => ({
  maxAmount: null,
  velocity: { ...NO_RULES.velocity, ...velocity },
});

type Buy = (line: Line, amount: string, policy?: RiskPolicy) => Promise<string>;
// The database serves a purchase on its own on another path than many.
const alone: Buy = async (line, amount, policy = NO_RULES) =>
  outcomeOf((await authorize(sql, [purchase(line, { amount })], policy, PROBLEMS))[0]!);
const inBatch: Buy = async (line, amount, policy = NO_RULES) => {
  const other = purchase(await openLine(sql), { amount: "0.01" });
  return outcomeOf((await authorize(sql, [other, purchase(line, { amount })], policy, PROBLEMS))[1]!);
};
const WAYS = [
  ["alone", alone],
  ["in a batch", inBatch],
] as const;

const outcomeOf = (answer: Parameters<typeof tell>[0]): string => {
  const { status, body } = tell(answer);
  return status === 201 ? (body.reason ?? body.status) : `${status} ${body.code}`;
};

const counted = async ({ accountId }: Line) => {
  const [row] = await sql<{ holds: number; total: string; since: "ever" | "never" | "lately" }[]>`
    select velocity_holds as holds, velocity_total::text as total,
      case when velocity_since is null then 'never' when velocity_since = '-infinity' then 'ever' else 'lately' end as since
    from ledger_accounts where id = ${accountId}`;
  return row;
};
const grow = (line: Line, by: string) =>
  sql`update ledger_holds set placed_at = placed_at - ${by}::text::interval where account_id = ${line.accountId}`;

test.each(WAYS)("a new line counts from its first purchase on, %s", async (_, buy) => {
  const line = await openLine(sql);
  expect(await counted(line)).toEqual({ holds: 0, total: "0", since: "ever" });
  await buy(line, "3.00", rule({ count: 9 }));
  await buy(line, "0.50");
  await buy(line, "200.00");
  expect(await counted(line)).toEqual({ holds: 2, total: "350", since: "ever" });
});

test.each(WAYS)("what no longer counts is left out when too much was counted, %s", async (_, buy) => {
  const line = await openLine(sql);
  for (const policy of [rule({ count: 2 }), rule({ amount: "8.00" })]) {
    await buy(line, "3.00");
    await buy(line, "4.00");
    await grow(line, "61 seconds");
    expect(await buy(line, "2.00", policy)).toBe("approved");
    expect(await counted(line)).toEqual({ holds: 1, total: "200", since: "lately" });
    expect(await brokenLedgerRules(sql)).toEqual([]);
    await grow(line, "61 seconds");
  }
});

test.each(WAYS)("a span that was made longer counts what lies before the shorter one, %s", async (_, buy) => {
  const line = await openLine(sql);
  await buy(line, "1.00");
  await grow(line, "2 minutes");
  const shorter = rule({ count: 2, seconds: 60 });
  expect([await buy(line, "1.00", shorter), await buy(line, "1.00", shorter)]).toEqual([
    "approved",
    "approved",
  ]);
  expect(await counted(line)).toMatchObject({ holds: 2, since: "lately" });
  const longer = rule({ count: 3, seconds: 600 });
  expect(await buy(line, "1.00", longer)).toBe("velocity_exceeded");
  expect(await buy(line, "1.00", { ...longer, velocity: { ...longer.velocity, count: 4 } })).toBe("approved");
  expect(await counted(line)).toMatchObject({ holds: 4, since: "lately" });
});

test.each(WAYS)(
  "a line from before there was a count is counted at its next purchase, %s",
  async (_, buy) => {
    const line = await openLine(sql);
    await buy(line, "1.00");
    const forget = { velocity_since: null, velocity_holds: null, velocity_total: null };
    await sql`update ledger_accounts set ${sql(forget)} where id = ${line.accountId}`;
    await buy(line, "2.00");
    expect(await counted(line)).toMatchObject({ since: "never" });
    expect(await buy(line, "1.00", rule({ count: 2 }))).toBe("velocity_exceeded");
    expect(await buy(line, "1.00", rule({ amount: "3.99" }))).toBe("velocity_exceeded");
    expect(await buy(line, "1.00", rule({ amount: "4.00" }))).toBe("approved");
    expect(await counted(line)).toEqual({ holds: 3, total: "400", since: "lately" });
  },
);

test.each(WAYS)("a count that has grown for years still has room, %s", async (_, buy) => {
  const line = await openLine(sql);
  const most = { velocity_holds: 2_147_483_647, velocity_total: "9223372036854775807" };
  await sql`update ledger_accounts set ${sql(most)} where id = ${line.accountId}`;
  expect(await buy(line, "1.00")).toBe("approved");
  const { holds, total } = (await counted(line))!;
  expect(holds).toBe(1_000_000_001);
  expect(["4000000000000000100", "4000000000000000000"]).toContain(total);
  expect(await buy(line, "1.00", rule({ count: 2, amount: "2.00" }))).toBe("approved");
  expect(await counted(line)).toEqual({ holds: 2, total: "200", since: "lately" });
});

test("a batch's purchases on one line are counted together before they are allowed", async () => {
  const line = await openLine(sql);
  const buy = async (amounts: string[], policy: RiskPolicy) =>
    (
      await authorize(
        sql,
        amounts.map((amount) => purchase(line, { amount })),
        policy,
        PROBLEMS,
      )
    ).map(outcomeOf);
  expect(await buy(["1.00", "1.00", "1.00"], rule({ count: 2 }))).toEqual([
    "approved",
    "approved",
    "velocity_exceeded",
  ]);
  expect(await counted(line)).toEqual({ holds: 2, total: "200", since: "lately" });
  await buy(["1.00", "1.00"], rule({ count: 4, amount: "4.00" }));
  expect(await counted(line)).toEqual({ holds: 4, total: "400", since: "lately" });
  const mixed = ["-9.00", "3.00", "0.01"];
  expect(await buy(mixed, rule({ amount: "7.00" }))).toEqual([
    "422 validation_failed",
    "approved",
    "velocity_exceeded",
  ]);
});
