import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { featureNames } from "../../contracts/http/credit.ts";
import { uuidv7 } from "uuidv7";
import { type CreditReplica, startCredit } from "../../tests/harness/credit-service.ts";
import { type FakeModel, startFakeModel } from "../../tests/harness/fake-model.ts";
import { feel, makePerson, type Person, spend } from "../../tests/harness/people.ts";
import { type FreshDatabase, freshDatabase } from "../../tests/harness/database.ts";
import { type Server, startRedis } from "../../tests/harness/servers.ts";

let database: FreshDatabase;
let redis: Server;
let model: FakeModel;
let replica: CreditReplica;
let person: Person;
// Moves the replica ahead of the real time.
let aheadMs = 0;

beforeAll(async () => {
  [database, redis, model] = await Promise.all([freshDatabase(), startRedis(), startFakeModel()]);
  const clock = () => new Date(Date.now() + aheadMs);
  replica = await startCredit({ sql: database.sql, redisUrl: redis.url, modelUrls: [model.url], clock });
});
afterAll(async () => {
  for (const started of [replica, model, redis, database]) await started?.[Symbol.asyncDispose]();
});
beforeEach(async () => {
  aheadMs = 0;
  model.score(0.25);
  person = await makePerson(database.sql);
});

const analyse = () =>
  replica.send("POST", `/v1/users/${person.id}/credit-analysis`, { caller: person.caller });
const list = (query = "", caller = person.caller) =>
  replica.send("GET", `/v1/users/${person.id}/credit-decisions${query}`, { caller });
const show = (id: string, caller = person.caller) =>
  replica.send("GET", `/v1/credit-decisions/${id}`, { caller });

/** A decline straight in the database, at a time with all its digits. */
const addDecision = async (decidedAt: string): Promise<string> => {
  const id = uuidv7();
  await database.sql`
    insert into credit_decisions (id, user_id, approved, reason, policy_version, features, decided_at)
    values (${id}, ${person.id}, false, 'RISK_TOO_HIGH', 'p', '{}', ${decidedAt}::text::timestamptz)`;
  return id;
};

describe("what a decision says", () => {
  test("an approval: what the analysis answered, what the model saw and what each feature added", async () => {
    await feel(database.sql, person, { positivity: 0.8, stressed: 1 });
    await spend(database.sql, person);
    const { body: answered } = await analyse();
    const explained = {
      ...answered,
      features: {
        transaction_count_30d: 2,
        avg_transaction_value_30d: 25.25,
        avg_positivity_7d: 0.8,
        stress_events_30d: 1,
      },
      contributions: { stress: 0.5 },
    };
    expect(await show(answered.decisionId)).toMatchObject({ status: 200, body: explained });
    const { status, body } = await list();
    expect([status, body]).toEqual([200, { items: [explained], nextCursor: null }]);
  });

  test("a decline has its reason and no offer, and tells what was not known", async () => {
    await feel(database.sql, person, { positivity: 0.2, stressed: 3 });
    model.score(0.61);
    const { decisionId } = (await analyse()).body;
    expect((await show(decisionId)).body).toEqual({
      user_id: person.id,
      approved: false,
      ml_risk_score: 0.61,
      reason: "RISK_TOO_HIGH",
      missingFeatures: ["transaction_count_30d", "avg_transaction_value_30d"],
      decisionId,
      decidedAt: expect.any(String) as string,
      modelVersion: "test-1",
      policyVersion: "policy-1.0.0",
      features: {
        transaction_count_30d: null,
        avg_transaction_value_30d: null,
        avg_positivity_7d: 0.2,
        stress_events_30d: 3,
      },
      contributions: { stress: 0.5 },
      explanation: [
        {
          effect: "declined",
          text: "Declined: the risk score of 0.61 is above 0.6, the most that policy-1.0.0 approves.",
        },
        ...(
          [
            "transaction_count_30d",
            "avg_transaction_value_30d",
            "avg_positivity_7d",
            "stress_events_30d",
          ] as const
        ).map((feature) => ({ effect: "unknown", feature, text: expect.any(String) as string })),
      ],
    });
  });

  test("where there was nothing to ask the model, nothing contributed", async () => {
    const { decisionId } = (await analyse()).body;
    const { body } = await show(decisionId);
    expect(body).toMatchObject({
      reason: "INSUFFICIENT_DATA",
      ml_risk_score: null,
      modelVersion: null,
      contributions: null,
    });
    expect(body.missingFeatures.toSorted()).toEqual(featureNames.toSorted());
    expect(body.features).toEqual(Object.fromEntries(featureNames.map((name) => [name, null])));
  });

  test("while the model is away nothing is decided, and nothing is listed", async () => {
    await feel(database.sql, person);
    model.answer(500, "{}");
    expect((await analyse()).status).toBe(503);
    expect((await list()).body).toEqual({ items: [], nextCursor: null });
  });
});

describe("the list", () => {
  test("has a repeated decision once, and each that came after it, newest first, with the offer of its own", async () => {
    await feel(database.sql, person);
    const first = (await analyse()).body;
    await analyse();
    aheadMs = 301_000;
    model.score(0.5);
    const second = (await analyse()).body;
    expect((await list()).body.items).toMatchObject([
      { decisionId: second.decisionId, ml_risk_score: 0.5, offer: second.offer },
      { decisionId: first.decisionId, ml_risk_score: 0.25, offer: first.offer },
    ]);
    expect(second.offer.offer_id).not.toBe(first.offer.offer_id);
  });

  test("pages through everything once, newest first, also within one microsecond", async () => {
    const ids: string[] = [];
    for (let index = 0; index < 7; index++)
      ids.unshift(await addDecision(`2026-01-01T00:00:00.00000${Math.min(index, 5)}Z`));
    // The last two are of one instant: the greater id first.
    if (ids[0]! < ids[1]!) ids.splice(0, 2, ids[1]!, ids[0]!);
    const seen: string[] = [];
    const sizes: number[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const { body } = await list(`?limit=1${cursor && `&cursor=${cursor}`}`);
      sizes.push(body.items.length);
      seen.push(...body.items.map((item: { decisionId: string }) => item.decisionId));
      cursor = body.nextCursor;
    }
    expect(seen).toEqual(ids);
    expect(sizes).toEqual(Array(7).fill(1));
  });

  test("the last page says that it is the last, also when it is full", async () => {
    await addDecision("2026-01-01T00:00:00Z");
    await addDecision("2026-01-02T00:00:00Z");
    expect((await list("?limit=2")).body.nextCursor).toBeNull();
  });

  test.each([
    ["cursor=nonsense", "/cursor"],
    [`cursor=${"c".repeat(201)}`, "/cursor"],
    ["limit=0", "/limit"],
    ["limit=101", "/limit"],
    ["limit=x", "/limit"],
  ])("%s is 400 and names it", async (query, pointer) => {
    const { status, body } = await list(`?${query}`);
    expect([status, body.code]).toEqual([400, "invalid_query"]);
    expect(body.errors).toMatchObject([{ pointer }]);
  });
});

describe("who may read", () => {
  test("an operator reads anybody's decisions", async () => {
    const id = await addDecision("2026-01-01T00:00:00Z");
    const operator = { kind: "operator", id: uuidv7() } as const;
    expect((await list("", operator)).body.items).toMatchObject([{ decisionId: id }]);
    expect(await show(id, operator)).toMatchObject({ status: 200, body: { user_id: person.id } });
  });

  test("a stranger is refused the list, and a decision does not exist for them", async () => {
    const id = await addDecision("2026-01-01T00:00:00Z");
    const stranger = await makePerson(database.sql);
    for (const caller of [stranger.caller, { kind: "internal" }, { kind: "anonymous" }] as const) {
      expect(await list("", caller)).toMatchObject({ status: 403, body: { code: "forbidden" } });
      const [theirs, nobodys] = [await show(id, caller), await show(uuidv7(), caller)];
      expect(theirs).toMatchObject({ status: 404, body: { code: "not_found" } });
      expect(theirs.body.detail).toBe(nobodys.body.detail);
    }
  });

  test("an unknown decision is 404 to an operator too, a malformed id 400", async () => {
    expect(await show(uuidv7(), { kind: "operator", id: person.id })).toMatchObject({ status: 404 });
    expect(await show("42")).toMatchObject({ status: 400, body: { code: "invalid_path" } });
  });

  test("an id may be written in capitals", async () => {
    const id = await addDecision("2026-01-01T00:00:00Z");
    expect((await show(id.toUpperCase())).body.decisionId).toBe(id);
  });
});
