import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type CreditReplica, startCredit } from "../../tests/harness/credit-service.ts";
import { type FakeModel, startFakeModel } from "../../tests/harness/fake-model.ts";
import { type Person, feel, makePerson, spend } from "../../tests/harness/people.ts";
import { type FreshDatabase, freshDatabase } from "../../tests/harness/database.ts";
import { type Server, startRedis } from "../../tests/harness/servers.ts";

let database: FreshDatabase;
let redis: Server;
let model: FakeModel;
let replica: CreditReplica;
let other: CreditReplica;
let person: Person;
// The time of both replicas, which passes only where a test says so.
let now: number;

const clock = () => new Date(now);
const later = (seconds: number): void => {
  now += seconds * 1_000;
};
const start = () => startCredit({ sql: database.sql, redisUrl: redis.url, modelUrls: [model.url], clock });

beforeAll(async () => {
  [database, redis, model] = await Promise.all([freshDatabase({ max: 20 }), startRedis(), startFakeModel()]);
  [replica, other] = await Promise.all([start(), start()]);
});
afterAll(async () => {
  for (const started of [replica, other, model, redis, database]) await started?.[Symbol.asyncDispose]();
});
beforeEach(async () => {
  now = Date.now();
  model.score(0.25);
  model.asked.length = 0;
  person = await makePerson(database.sql);
});

const analyse = (on = replica, who = person) =>
  on.send("POST", `/v1/users/${who.id}/credit-analysis`, { caller: who.caller });
const withTelemetry = async () => {
  await feel(database.sql, person, { positivity: 0.8, stressed: 1 });
  await spend(database.sql, person);
};
const offers = () => database.sql`
  select id, status, credit_limit, interest_rate from credit_limits where user_id = ${person.id} order by created_at`;
const decisions = () => database.sql`
  select approved, reason, features, missing_features from credit_decisions where user_id = ${person.id}`;

describe("a decision", () => {
  test("an acceptable risk gets an offer priced by the policy, and both are stored", async () => {
    await withTelemetry();
    const { status, body } = await analyse();
    expect(status).toBe(200);
    expect(body).toEqual({
      user_id: person.id,
      approved: true,
      ml_risk_score: 0.25,
      offer: {
        offer_id: expect.any(String) as string,
        credit_limit: 7_500,
        interest_rate: 8.75,
        credit_type: "SHORT_TERM_PERSONAL_LOAN",
        expires_at: expect.any(String) as string,
      },
      decisionId: expect.any(String) as string,
      decidedAt: expect.any(String) as string,
      modelVersion: "test-1",
      policyVersion: "policy-1.0.0",
      explanation: expect.arrayContaining([
        {
          effect: "approved",
          text: "Approved: the risk score of 0.25 is within 0.6, the most that policy-1.0.0 approves.",
        },
      ]) as unknown[],
    });
    expect(Date.parse(body.offer.expires_at) - Date.parse(body.decidedAt)).toBe(7 * 86_400_000);
    expect(await offers()).toMatchObject([
      { id: body.offer.offer_id, status: "offered", credit_limit: "7500.00", interest_rate: "8.75" },
    ]);
    expect(await decisions()).toHaveLength(1);
  });

  test("too high a risk is declined, and recorded", async () => {
    await withTelemetry();
    model.score(0.61);
    const { body } = await analyse();
    expect(body).toMatchObject({ approved: false, reason: "RISK_TOO_HIGH", ml_risk_score: 0.61 });
    expect(body.offer).toBeUndefined();
    expect(await offers()).toHaveLength(0);
    expect(await decisions()).toMatchObject([{ approved: false, reason: "RISK_TOO_HIGH" }]);
  });

  test("the model sees exact features of 7 and 30 UTC days, today included", async () => {
    await feel(database.sql, person, { daysAgo: 6, events: 1, positivity: 0.9, stressed: 1 });
    await feel(database.sql, person, { daysAgo: 0, events: 2, positivity: 0.3, stressed: 2 });
    await feel(database.sql, person, { daysAgo: 7, events: 5, positivity: 0.1, stressed: 5 });
    await feel(database.sql, person, { daysAgo: 30, events: 9, positivity: 0.1, stressed: 9 });
    await spend(database.sql, person, { daysAgo: 29, purchases: 3, total: "10" });
    await spend(database.sql, person, { daysAgo: 30, purchases: 9, total: "9000" });
    await spend(database.sql, person, { daysAgo: 1, purchases: 9, total: "9000", currency: "EUR" });
    await analyse();
    expect(model.asked).toEqual([
      {
        transaction_count_30d: 3,
        avg_transaction_value_30d: 3.3333,
        avg_positivity_7d: 0.5,
        stress_events_30d: 8,
      },
    ]);
  });

  test("an event of a device whose day is already tomorrow counts", async () => {
    await feel(database.sql, person, { daysAgo: -1, positivity: 0.4 });
    await analyse();
    expect(model.asked).toMatchObject([{ avg_positivity_7d: 0.4 }]);
  });

  test("what is not known is null to the model and named in the answer", async () => {
    await feel(database.sql, person);
    const { body } = await analyse();
    expect(body.missingFeatures).toEqual(["transaction_count_30d", "avg_transaction_value_30d"]);
    expect(model.asked).toMatchObject([{ transaction_count_30d: null, avg_transaction_value_30d: null }]);
  });

  test("without telemetry there is no decision to make: the model is not asked", async () => {
    const { status, body } = await analyse();
    expect(status).toBe(200);
    expect(body).toMatchObject({
      approved: false,
      reason: "INSUFFICIENT_DATA",
      ml_risk_score: null,
      modelVersion: null,
    });
    expect(body.missingFeatures).toHaveLength(4);
    expect(model.asked).toHaveLength(0);
  });

  test("want of data holds until there is data, not for the cool-off, and is recorded once", async () => {
    const first = await analyse();
    const second = await analyse(other);
    expect(second.body.decisionId).toBe(first.body.decisionId);
    await withTelemetry();
    expect((await analyse()).body).toMatchObject({ approved: true });
    expect(await decisions()).toHaveLength(2);
  });
});

describe("the cool-off", () => {
  test("a repeat gets the same decision and the same offer, from the other replica too, without the model", async () => {
    await withTelemetry();
    const first = await analyse();
    model.score(0.9);
    later(299);
    expect((await analyse()).body).toEqual(first.body);
    expect((await analyse(other)).body).toEqual(first.body);
    expect(model.asked).toHaveLength(1);
  });

  test("it holds with the cache flushed", async () => {
    await withTelemetry();
    const first = await analyse();
    await flush();
    expect((await analyse(other)).body).toEqual(first.body);
    expect(model.asked).toHaveLength(1);
  });

  test("a decline stands as well", async () => {
    await withTelemetry();
    model.score(0.9);
    const first = await analyse();
    model.score(0.1);
    await flush();
    expect((await analyse(other)).body).toEqual(first.body);
  });

  test("ten requests at once on two replicas make one decision and one offer", async () => {
    await withTelemetry();
    model.score(0.25, 50);
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => analyse(index % 2 ? replica : other)),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ body }) => body.decisionId)).size).toBe(1);
    expect(new Set(answers.map(({ body }) => body.offer.offer_id)).size).toBe(1);
    expect(await decisions()).toHaveLength(1);
    expect(await offers()).toHaveLength(1);
    // One flight a replica.
    expect(model.asked.length).toBeLessThanOrEqual(2);
  });

  test("after it a new decision supersedes an offer that nobody took", async () => {
    await withTelemetry();
    const first = await analyse();
    later(301);
    model.score(0.5);
    const second = await analyse();
    expect(second.body).toMatchObject({ approved: true, ml_risk_score: 0.5 });
    expect(second.body.offer.offer_id).not.toBe(first.body.offer.offer_id);
    expect(await offers()).toMatchObject([{ status: "superseded" }, { status: "offered" }]);
  });

  test("an offer that has lapsed becomes expired, not superseded", async () => {
    await withTelemetry();
    await analyse();
    later(7 * 86_400 + 1);
    await withTelemetryOn(7);
    await analyse();
    expect(await offers()).toMatchObject([{ status: "expired" }, { status: "offered" }]);
  });
});

describe("who may ask", () => {
  test("a stranger is refused", async () => {
    const stranger = await makePerson(database.sql);
    const { status, body } = await replica.send("POST", `/v1/users/${person.id}/credit-analysis`, {
      caller: stranger.caller,
    });
    expect(status).toBe(403);
    expect(body.code).toBe("forbidden");
  });

  test("an operator may read but not act for a person", async () => {
    const caller = { kind: "operator", id: person.id } as const;
    expect((await replica.send("POST", `/v1/users/${person.id}/credit-analysis`, { caller })).status).toBe(
      403,
    );
  });

  test("a user who does not exist is 404", async () => {
    const id = "0199a3c4-7d2e-7b4a-9c1d-2f6f8e5a1b3c";
    const { status, body } = await analyse(replica, { id, caller: { kind: "user", id } });
    expect(status).toBe(404);
    expect(body.code).toBe("not_found");
  });

  test("a malformed user id is 400", async () => {
    const { status, body } = await replica.send("POST", "/v1/users/me/credit-analysis", {
      caller: person.caller,
    });
    expect(status).toBe(400);
    expect(body.code).toBe("invalid_path");
  });

  test("without the gateway's key nobody gets in", async () => {
    const { status } = await replica.send("POST", `/v1/users/${person.id}/credit-analysis`, {
      caller: person.caller,
      headers: { "x-gateway-key": "wrong" },
    });
    expect(status).toBe(401);
  });
});

describe("the database", () => {
  test("refuses a second open offer whatever the code does", async () => {
    await withTelemetry();
    await analyse();
    const copy = database.sql`
      insert into credit_limits (id, user_id, decision_id, status, credit_limit, interest_rate, credit_type, expires_at)
      select gen_random_uuid(), user_id, decision_id, status, credit_limit, interest_rate, credit_type, expires_at
      from credit_limits where user_id = ${person.id}`;
    await expect(copy).rejects.toMatchObject({ constraint_name: "credit_limits_one_open_offer" });
  });
});

describe("the cache", () => {
  test("new telemetry shows in the next decision though features were cached before", async () => {
    await withTelemetry();
    model.answer(500, "{}");
    expect((await analyse()).status).toBe(503);
    await flush();
    await spend(database.sql, person, { daysAgo: 1, purchases: 8 });
    model.score(0.2);
    await analyse();
    expect(model.asked.at(-1)).toMatchObject({ transaction_count_30d: 10 });
  });

  test("features read for an analysis that failed serve the next one at the same replica", async () => {
    await withTelemetry();
    model.answer(500, "{}");
    await analyse();
    await database.sql`delete from transactions_summary where user_id = ${person.id}`;
    model.score(0.2);
    await analyse();
    expect(model.asked.at(-1)).toMatchObject({ transaction_count_30d: 2 });
  });
});

const flush = async (): Promise<void> => {
  const { Redis } = await import("ioredis");
  const client = new Redis(redis.url);
  await client.flushall();
  client.disconnect();
};

// Telemetry that is fresh on the clock of the replicas, not only on the database's.
const withTelemetryOn = async (daysAhead: number): Promise<void> => {
  await feel(database.sql, person, { daysAgo: -daysAhead });
};
