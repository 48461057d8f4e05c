import { beforeAll, describe, expect, it } from "vitest";
import { send } from "./support/client.ts";
import { sql } from "./support/database.ts";
import { expectProblem } from "./support/expect-problem.ts";
import { newPerson, operatorToken, type Person } from "./support/people.ts";
import { describeProtection } from "./support/protection.ts";
import { describeBodyRules, describeMethodRule } from "./support/request-rules.ts";
import { stack } from "./support/stack.ts";
import { transactionOf, untilSummarised } from "./support/telemetry.ts";

const PATH = "/v1/transactions";
const DAY_MS = 24 * 60 * 60 * 1_000;

describe("POST /v1/transactions", () => {
  let person: Person;
  beforeAll(async () => {
    person = await newPerson();
  });

  const sendAs = ({ token }: Person, json: unknown) =>
    send<Record<string, string>>("POST", PATH, { token, json });

  it("answers 202 with the user and the event", async () => {
    const event = transactionOf(person.id);
    const answer = await sendAs(person, event);
    expect(answer.status).toBe(202);
    expect(answer.body).toEqual({ status: "event received", userId: person.id, eventId: event.eventId });
  });

  it("without an event id each is an event of its own, with an id that we give", async () => {
    const fresh = await newPerson();
    const first = await sendAs(fresh, { userId: fresh.id, amount: 5 });
    const second = await sendAs(fresh, { userId: fresh.id, amount: 5 });
    expect(first.body["eventId"]).toMatch(/^\S{1,64}$/);
    expect(second.body["eventId"]).not.toBe(first.body["eventId"]);
    await untilSummarised(fresh.id, { emotions: 0, transactions: 2 });
  });

  it("what was accepted is one row, as it was sent, in the day's summary", async () => {
    const fresh = await newPerson();
    const occurredAt = new Date(Date.now() - 3 * DAY_MS).toISOString();
    const event = { ...transactionOf(fresh.id, 129.9), currency: "EUR", category: "groceries", occurredAt };
    await sendAs(fresh, event);
    await untilSummarised(fresh.id, { emotions: 0, transactions: 1 });
    expect(
      await sql()`select event_id, amount, currency, category, occurred_at from transactions where user_id = ${fresh.id}`,
    ).toEqual([
      {
        event_id: event.eventId,
        amount: "129.9000",
        currency: "EUR",
        category: "groceries",
        occurred_at: new Date(occurredAt),
      },
    ]);
    expect(
      await sql()`select to_char(day, 'YYYY-MM-DD') as day, currency, transaction_count, amount_sum::float8
                  from transactions_summary where user_id = ${fresh.id}`,
    ).toEqual([{ day: occurredAt.slice(0, 10), currency: "EUR", transaction_count: "1", amount_sum: 129.9 }]);
  });

  it("the same event id sent five times is one row, also with another time", async () => {
    const fresh = await newPerson();
    const event = transactionOf(fresh.id);
    for (let n = 0; n < 5; n++) {
      const occurredAt = new Date(Date.now() - n * 60_000).toISOString();
      expect((await sendAs(fresh, { ...event, occurredAt })).status).toBe(202);
    }
    const marker = transactionOf(fresh.id);
    await sendAs(fresh, marker);
    await untilSummarised(fresh.id, { emotions: 0, transactions: 2 });
    const rows = await sql()<{ event_id: string }[]>`
      select event_id from transactions where user_id = ${fresh.id}`;
    expect(rows.map((row) => row.event_id).toSorted()).toEqual([event.eventId, marker.eventId].toSorted());
  });

  it("amounts of four decimals add up exactly", async () => {
    const fresh = await newPerson();
    for (const amount of [0.1, 0.2, 0.0001]) await sendAs(fresh, transactionOf(fresh.id, amount));
    await untilSummarised(fresh.id, { emotions: 0, transactions: 3 });
    const [row] = await sql()`
      select sum(amount_sum) = 0.3001 as exact from transactions_summary where user_id = ${fresh.id}`;
    expect(row).toEqual({ exact: true });
  });

  it.each<[string, Record<string, unknown>, string[]]>([
    ["an amount of 0", { amount: 0 }, ["/amount"]],
    ["a negative amount", { amount: -1 }, ["/amount"]],
    ["an amount with five decimals", { amount: 1.00001 }, ["/amount"]],
    ["an amount of twelve digits", { amount: 123_456_789_012 }, ["/amount"]],
    ["an amount that is a text", { amount: "12" }, ["/amount"]],
    ["no amount", { amount: undefined }, ["/amount"]],
    ["a currency in small letters", { currency: "usd" }, ["/currency"]],
    ["an empty category", { category: "" }, ["/category"]],
    ["a time that is none", { occurredAt: "2026-13-01" }, ["/occurredAt"]],
    ["an event id of 65 characters", { eventId: "e".repeat(65) }, ["/eventId"]],
    ["a user id that is no UUID", { userId: "me" }, ["/userId"]],
    ["two wrong fields", { amount: -1, currency: "?" }, ["/amount", "/currency"]],
  ])("refuses %s with 422 and pointers", async (_what, change, pointers) =>
    expectProblem(await sendAs(person, { ...transactionOf(person.id), ...change }), "validation_failed", {
      pointers,
    }),
  );

  it("a transaction older than the retention is 422", async () => {
    const occurredAt = new Date(Date.now() - 91 * DAY_MS).toISOString();
    const answer = await sendAs(person, { ...transactionOf(person.id), occurredAt });
    expectProblem(answer, "event_too_old", { pointers: ["/occurredAt"] });
  });

  it("the internal key does not open it", async () => {
    const { status } = await send("POST", PATH, {
      internalKey: stack().internalKey,
      json: transactionOf(person.id),
    });
    expect(status).toBe(401);
  });

  it("an operator may not send for a user", async () =>
    expectProblem(
      await send("POST", PATH, { token: await operatorToken(), json: transactionOf(person.id) }),
      "forbidden",
    ));

  describeProtection((owner) =>
    Promise.resolve({ method: "POST", path: PATH, json: transactionOf(owner.id) }),
  );
  describeBodyRules("POST", PATH, () => ({ token: person.token }));
  describeMethodRule(PATH, "POST");
});
