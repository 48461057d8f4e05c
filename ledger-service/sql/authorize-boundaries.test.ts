import { afterAll, beforeAll, expect, test } from "vitest";
import type { Sql } from "../../platform/database/connect.ts";
import { type FreshDatabase, freshDatabase } from "../../tests/harness/database.ts";
import { openHouse } from "../../tests/harness/ledger-service.ts";
import { uuidv7 } from "uuidv7";
import type { RiskPolicy } from "../domain/risk-policy.ts";
import { postTransfers } from "./post-transfers.ts";
import { type NewAuthorization, authorize } from "./authorize.ts";
import { insertPartner } from "./partners.ts";
import {
  type Line,
  NO_RULES,
  PROBLEMS,
  authorizeOne,
  brokenLedgerRules,
  captureOne,
  type Told,
  openLine,
  purchase,
  tell,
} from "../../tests/ledger/credit-line.ts";

let database: FreshDatabase;
let sql: Sql;
beforeAll(async () => {
  database = await freshDatabase();
  sql = database.sql;
});
afterAll(() => database[Symbol.asyncDispose]());

type Decide = (line: Line, over: Partial<NewAuthorization>, policy?: RiskPolicy) => Promise<Told>;
// The database serves a purchase on its own on another path than many.
const alone: Decide = async (line, over, policy = NO_RULES) =>
  tell((await authorize(sql, [purchase(line, over)], policy, PROBLEMS))[0]!);
const inBatch: Decide = async (line, over, policy = NO_RULES) => {
  const batch = [purchase(await openLine(sql), { amount: "0.01" }), purchase(line, over)];
  return tell((await authorize(sql, batch, policy, PROBLEMS))[1]!);
};
const WAYS = [
  ["alone", alone],
  ["in a batch", inBatch],
] as const;

const outcome = ({ status, body }: Told): string =>
  status === 201 ? (body.reason ?? body.status) : `${status} ${body.code}`;

test.each(WAYS)(
  "a purchase %s is of more than nothing and of at most 10^15 minor units",
  async (_, decide) => {
    const line = await openLine(sql, 3_000_000_000_000_000);
    const outcomes = [];
    for (const amount of ["0.00", "-0.01", "0.01", "10000000000000.00", "10000000000000.01", "1e18"])
      outcomes.push(outcome(await decide(line, { amount })));
    const refused = "422 validation_failed";
    expect(outcomes).toEqual([refused, refused, "approved", "approved", refused, refused]);
  },
);

test.each(WAYS)("a purchase %s of nothing is refused by name without a line too", async (_, decide) => {
  const nobody = { ...(await openLine(sql)), owner: uuidv7() };
  for (const amount of ["0.00", "-0.01"])
    expect(await decide(nobody, { amount, reference: uuidv7() })).toMatchObject({
      status: 422,
      body: { code: "validation_failed", errors: [{ pointer: "/amount" }] },
    });
  expect((await decide(nobody, { amount: "0.01" })).body.reason).toBe("no_credit_line");
  expect([...(await sql`select amount from ledger_declines where owner_id = ${nobody.owner}`)]).toEqual([
    { amount: "0.01" },
  ]);
});

/** A line of 10.00, of which 4.00 are spent and 1.00 is paid back: 7.00 are left. */
const openUsedLine = async (on: Sql): Promise<Line> => {
  const line = await openLine(on, 1_000);
  const { body } = await authorizeOne(on, line, { amount: "4.00" });
  await captureOne(on, line, body.id);
  const order = { id: uuidv7(), type: "transfer", scope: "platform", requestId: "test", instance: "/test" };
  const [source, destination] = [await openHouse(on), line.accountId];
  expect(await postTransfers(on, [{ ...order, source, destination, amount: "1.00" }])).toMatchObject([
    { status: 201 },
  ]);
  return line;
};

test.each(WAYS)("a purchase %s may take all that the line has left", async (_, decide) => {
  const line = await openUsedLine(sql);
  const declined = await decide(line, { amount: "7.01" });
  expect([outcome(declined), declined.body.available]).toEqual(["insufficient_credit", "7.00"]);
  expect(outcome(await decide(line, { amount: "7.00" }))).toBe("approved");
  const none = await decide(line, { amount: "0.01" });
  expect([outcome(none), none.body.available]).toEqual(["insufficient_credit", "0.00"]);
});

test.each(WAYS)(
  "a purchase %s may reach each bound of the risk policy, and not pass it",
  async (_, decide) => {
    const velocity = { seconds: 60, count: null, amount: null };
    const most = { maxAmount: "5.00", velocity };
    const line = await openLine(sql);
    expect(outcome(await decide(line, { amount: "5.01" }, most))).toBe("amount_too_high");
    expect(outcome(await decide(line, { amount: "5.00" }, most))).toBe("approved");
    const sum = { maxAmount: null, velocity: { ...velocity, amount: "8.00" } };
    expect(outcome(await decide(line, { amount: "3.01" }, sum))).toBe("velocity_exceeded");
    expect(outcome(await decide(line, { amount: "3.00" }, sum))).toBe("approved");
    const often = { maxAmount: null, velocity: { ...velocity, count: 3 } };
    expect(outcome(await decide(line, { amount: "1.00" }, often))).toBe("approved");
    expect(outcome(await decide(line, { amount: "1.00" }, often))).toBe("velocity_exceeded");
  },
);

test.each(WAYS)(
  "before a purchase %s what is as old as the policy's span no longer counts",
  async (_, decide) => {
    const line = await openLine(sql);
    const policy = { maxAmount: null, velocity: { seconds: 60, count: 1, amount: null } };
    await decide(line, {});
    await sql`update ledger_accounts set updated_at = '2999-01-01T00:01:00Z' where id = ${line.accountId}`;
    const place = (at: string) =>
      sql`update ledger_holds set placed_at = ${at}::text::timestamptz, expires_at = '2999-02-01T00:00:00Z' where account_id = ${line.accountId}`;
    await place("2999-01-01T00:00:00.000001Z");
    expect(outcome(await decide(line, {}, policy))).toBe("velocity_exceeded");
    await place("2999-01-01T00:00:00Z");
    const { status, body } = await decide(line, {}, policy);
    expect([status, body.status, body.decidedAt]).toEqual([
      201,
      "approved",
      expect.stringContaining("2999-01-01T00:01:00"),
    ]);
  },
);

test("what a batch has approved before counts for what comes after it", async () => {
  const line = await openLine(sql, 700);
  const three = (policy: RiskPolicy) =>
    authorize(
      sql,
      ["3.00", "3.00", "1.00"].map((amount) => purchase(line, { amount })),
      policy,
      PROBLEMS,
    );
  const velocity = { seconds: 60, count: null, amount: null };
  const outcomes = async (policy: RiskPolicy) => {
    await sql`update ledger_holds set placed_at = placed_at - interval '1 hour' where account_id = ${line.accountId}`;
    const told = (await three(policy)).map((answer) => outcome(tell(answer)));
    await sql`select ledger_close_holds(array(select id from ledger_holds where account_id = ${line.accountId} and status = 'open'), 'voided', now())`;
    return told;
  };
  const [yes, no] = ["approved", "velocity_exceeded"];
  expect(await outcomes({ maxAmount: null, velocity: { ...velocity, amount: "6.00" } })).toEqual([
    yes,
    yes,
    no,
  ]);
  expect(await outcomes({ maxAmount: null, velocity: { ...velocity, amount: "7.00" } })).toEqual([
    yes,
    yes,
    yes,
  ]);
  expect(await outcomes({ maxAmount: null, velocity: { ...velocity, count: 2 } })).toEqual([yes, yes, no]);
  expect(await outcomes({ maxAmount: null, velocity: { ...velocity, amount: "5.00" } })).toEqual([
    yes,
    no,
    yes,
  ]);
  expect(await outcomes(NO_RULES)).toEqual([yes, yes, yes]);
});

test.each(WAYS)("a purchase %s is answered as before where its key is sent again", async (_, decide) => {
  const line = await openLine(sql);
  for (const amount of ["1.00", "1.001"]) {
    const asked = { id: uuidv7(), amount, key: `again-${amount}`, hash: "0a" };
    const first = await decide(line, asked);
    expect(await decide(line, { ...asked, id: uuidv7() })).toEqual({ ...first, replayed: true });
  }
  const [held] =
    await sql`select debits_pending::int as held from ledger_accounts where id = ${line.accountId}`;
  expect(held).toEqual({ held: 100 });
});

test("a line that nothing is reserved on stays as it is, whatever others of the batch are answered", async () => {
  const [line, other] = [await openLine(sql, 100), await openLine(sql, 100)];
  const read = () =>
    sql`select version, updated_at, debits_pending from ledger_accounts where id = ${line.accountId}`;
  const before = [...(await read())];
  const batch = [purchase(line, { amount: "1.01" }), purchase(other, { amount: "1.00" })];
  const answers = (await authorize(sql, batch, NO_RULES, PROBLEMS)).map(tell);
  expect(answers.map(outcome)).toEqual(["insufficient_credit", "approved"]);
  expect([...(await read())]).toEqual(before);
});

test.each(WAYS)(
  "a hold that is placed %s lasts as long as was asked for, and its answer says so",
  async (_, decide) => {
    const line = await openLine(sql);
    const { body } = await decide(line, { seconds: 90, automatic: true });
    expect(Date.parse(String(body.expiresAt)) - Date.parse(body.decidedAt)).toBe(90_000);
    const [stored] = await sql`
    select (extract(epoch from h.expires_at - h.placed_at))::int as seconds,
      (extract(epoch from s.step_deadline - h.placed_at))::int as step
    from ledger_holds as h join ledger_sagas as s on s.id = h.id where h.id = ${body.id}`;
    expect(stored).toEqual({ seconds: 90, step: 60 });
  },
);

test.each(WAYS)(
  "a partner's purchase %s is its own user's, whoever another knows by the same id",
  async (_, decide) => {
    const external = `user-${uuidv7()}`;
    const lines = [await openLine(sql), await openLine(sql)];
    const partners = [uuidv7(), uuidv7()];
    for (const [index, partner] of partners.entries()) {
      await insertPartner(sql, { id: partner, name: "Test", settlementAccountId: undefined });
      await sql`
      insert into ledger_partner_users (partner_id, external_user_id, user_id, linked_by)
      values (${partner}, ${external}, ${lines[index]!.owner}, 'test')`;
    }
    for (const [index, partner] of partners.entries()) {
      const { body } = await decide(lines[index]!, {
        owner: null,
        partner,
        external,
        scope: `partner:${partner}`,
      });
      expect(body).toMatchObject({ status: "approved", accountId: lines[index]!.accountId });
    }
  },
);

test("a plain purchase on its own is decided without the function for many", async () => {
  await using own = await freshDatabase();
  const line = await openLine(own.sql, 3_000_000_000_000_000);
  const used = await openUsedLine(own.sql);
  await own.sql`alter function ledger_authorize_many rename to not_here`;
  const velocity = { seconds: 60, count: 3, amount: "10000000000002.01" };
  const policy = { maxAmount: "10000000000000.00", velocity };
  for (const over of [
    { amount: "0.01" },
    { amount: "10000000000000.00", reference: "order-1", key: "key-1", hash: "00" },
    { amount: "2.00", group: uuidv7(), automatic: true },
  ]) {
    const answers = await authorize(own.sql, [purchase(line, over)], policy, PROBLEMS);
    expect(answers.map(tell)).toMatchObject([
      {
        status: 201,
        replayed: false,
        body: { status: "approved", amount: over.amount, openAmount: over.amount },
      },
    ]);
  }
  // What is as old as the policy's span no longer counts.
  await own.sql`update ledger_accounts set updated_at = '2999-01-01T00:01:00Z' where id = ${line.accountId}`;
  for (const rule of [
    { count: 1, amount: null },
    { count: null, amount: "1.00" },
  ]) {
    await own.sql`
      update ledger_holds set placed_at = '2999-01-01T00:00:00Z', expires_at = '2999-02-01T00:00:00Z'
      where account_id = ${line.accountId}`;
    const policy = { maxAmount: null, velocity: { seconds: 60, ...rule } };
    expect(await authorizeOne(own.sql, line, { amount: "1.00" }, policy)).toMatchObject({ status: 201 });
  }
  expect(await authorizeOne(own.sql, used, { amount: "7.00" })).toMatchObject({ status: 201 });
  const events = await own.sql`
    select payload ->> 'accountVersion' as version from outbox 
    where subject = 'authorization.approved' and payload ->> 'accountId' = ${line.accountId} order by id`;
  expect([...events]).toEqual(["2", "3", "4", "5", "6"].map((version) => ({ version })));
  expect(await brokenLedgerRules(own.sql)).toEqual([]);
});
