import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { offerApproved } from "../../contracts/events/credit-events.ts";
import type { CreditBody } from "../../tests/harness/answer-body.ts";
import { type CreditReplica, startCredit } from "../../tests/harness/credit-service.ts";
import { type FakeModel, startFakeModel } from "../../tests/harness/fake-model.ts";
import { type Person, feel, makePerson } from "../../tests/harness/people.ts";
import type { SendOptions } from "../../tests/harness/send-as-gateway.ts";
import { type FreshDatabase, freshDatabase } from "../../tests/harness/database.ts";
import { type Server, startRedis } from "../../tests/harness/servers.ts";
import { until } from "../../tests/harness/until.ts";

let database: FreshDatabase;
let redis: Server;
let model: FakeModel;
let replica: CreditReplica;
let other: CreditReplica;
let person: Person;
let offerId: string;
// What the analysis answered that made the offer.
let offered: CreditBody;
let woken = 0;
// Moves both replicas ahead of the real time.
let aheadMs = 0;

beforeAll(async () => {
  [database, redis, model] = await Promise.all([freshDatabase({ max: 20 }), startRedis(), startFakeModel()]);
  const start = () =>
    startCredit({
      sql: database.sql,
      redisUrl: redis.url,
      modelUrls: [model.url],
      clock: () => new Date(Date.now() + aheadMs),
      wakeRelay: () => void (woken += 1),
    });
  [replica, other] = await Promise.all([start(), start()]);
});
afterAll(async () => {
  for (const started of [replica, other, model, redis, database]) await started?.[Symbol.asyncDispose]();
});
beforeEach(async () => {
  aheadMs = 0;
  model.asked.length = 0;
  person = await makePerson(database.sql);
  offerId = await offerFor(person);
  woken = 0;
});

const analyse = (who: Person, on = replica) =>
  on.send("POST", `/v1/users/${who.id}/credit-analysis`, { caller: who.caller });
const offerFor = async (who: Person): Promise<string> => {
  await feel(database.sql, who);
  offered = (await analyse(who)).body;
  return offered.offer.offer_id;
};
const accept = (options: SendOptions & { on?: CreditReplica; id?: string } = {}) =>
  (options.on ?? replica).send("POST", `/v1/credit-offers/${options.id ?? offerId}/accept`, {
    caller: person.caller,
    ...options,
  });
const withKey = (key: string): SendOptions => ({ headers: { "idempotency-key": key } });
const statusOf = async (id: string): Promise<string> => {
  const [row] = await database.sql`select status from credit_limits where id = ${id}`;
  return row?.["status"] as string;
};
const announced = () => database.sql`
  select subject, message_id, payload, headers from outbox where payload->>'userId' = ${person.id}`;
const lapse = () =>
  database.sql`update credit_limits set expires_at = now() - interval '1 second' where id = ${offerId}`;

const claimed = async (): Promise<boolean> => {
  const locks = await database.sql`
    select 1 from pg_locks
    where locktype = 'advisory' and granted
      and database = (select oid from pg_database where datname = current_database())`;
  return locks.length > 0;
};

describe("accepting", () => {
  test("takes the offer, announces it in the same transaction and wakes the relay", async () => {
    const { status, body } = await accept({ body: { userId: person.id } });
    expect(status).toBe(202);
    expect(body).toEqual({ status: "offer acceptance is being processed" });
    expect(await statusOf(offerId)).toBe("accepted");
    const [event, ...more] = await announced();
    expect(more).toEqual([]);
    expect(event).toMatchObject({
      subject: "credit.offers.approved",
      message_id: `offer-approved:${offerId}`,
    });
    expect(offerApproved.parse(event?.["payload"])).toMatchObject({
      offerId,
      userId: person.id,
      creditLimit: "7500.00",
      interestRate: "8.75",
    });
    expect(event?.["headers"]).toMatchObject({ traceparent: expect.stringMatching(/^00-/) as string });
    expect(woken).toBe(1);
  });

  test.each([
    ["nothing at all", {}],
    ["an empty body that calls itself JSON", { raw: "" }],
    ["an empty object", { body: {} }],
  ])("needs no body: %s will do", async (_, options) => {
    expect((await accept(options)).status).toBe(202);
  });

  test("a person may write ids in capitals", async () => {
    const { status } = await accept({
      id: offerId.toUpperCase(),
      body: { userId: person.id.toUpperCase() },
    });
    expect(status).toBe(202);
  });

  test("of ten at once on two replicas one wins, and one event goes out", async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => accept({ on: index % 2 ? replica : other })),
    );
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
    expect(answers.filter(({ body }) => body.code === "offer_not_open")).toHaveLength(9);
    expect(await announced()).toHaveLength(1);
  });

  test("an offer already taken is 409", async () => {
    await accept();
    const { status, body } = await accept();
    expect([status, body.code]).toEqual([409, "offer_not_open"]);
  });

  test("a lapsed offer is 410, and becomes expired", async () => {
    await lapse();
    const { status, body } = await accept();
    expect([status, body.code]).toEqual([410, "offer_expired"]);
    expect(await statusOf(offerId)).toBe("expired");
    expect(await announced()).toHaveLength(0);
  });

  test("whether an offer has lapsed is told by the database, whatever a replica's clock says", async () => {
    aheadMs = 8 * 86_400_000;
    const { body } = await replica.send("GET", `/v1/users/${person.id}/offers`, { caller: person.caller });
    expect(body.items).toMatchObject([{ status: "offered" }]);
    expect((await accept()).status).toBe(202);
    aheadMs = -8 * 86_400_000;
    person = await makePerson(database.sql);
    offerId = await offerFor(person);
    await lapse();
    expect((await accept()).status).toBe(410);
  });

  test("an unknown offer is 404, a malformed id 400", async () => {
    expect((await accept({ id: "0199a3c4-7d2e-7b4a-9c1d-2f6f8e5a1b3c" })).status).toBe(404);
    expect((await accept({ id: "mine" })).status).toBe(400);
  });

  test("another user's offer is 403 and stays open", async () => {
    const stranger = await makePerson(database.sql);
    expect((await accept({ caller: stranger.caller })).status).toBe(403);
    expect(await statusOf(offerId)).toBe("offered");
  });

  test("another user's id in the body is 403, an operator's acceptance too", async () => {
    const stranger = await makePerson(database.sql);
    expect((await accept({ body: { userId: stranger.id } })).status).toBe(403);
    expect((await accept({ caller: { kind: "operator", id: person.id } })).status).toBe(403);
    expect(await statusOf(offerId)).toBe("offered");
  });

  test.each([
    ["not JSON", { raw: "{" }, 400],
    ["a bad user id", { body: { userId: "me" } }, 422],
    ["another content type", { raw: "userId=1", headers: { "content-type": "text/plain" } }, 415],
    ["an oversized body", { raw: JSON.stringify({ userId: "x".repeat(20_000) }) }, 413],
  ])("%s is refused", async (_, options, expected) => {
    expect((await accept(options)).status).toBe(expected);
    expect(await statusOf(offerId)).toBe("offered");
  });
});

describe("an Idempotency-Key", () => {
  test("repeated gets the first 202, without a second event", async () => {
    const first = await accept(withKey("k1"));
    const second = await accept({ ...withKey("k1"), on: other });
    expect([first.status, second.status]).toEqual([202, 202]);
    expect(second.body).toEqual(first.body);
    expect([first, second].map(({ headers }) => headers.get("idempotency-hit"))).toEqual([null, "true"]);
    expect(await announced()).toHaveLength(1);
    expect(woken).toBe(1);
  });

  test("repeated gets the first refusal, whatever has changed since", async () => {
    await accept();
    expect((await accept(withKey("k2"))).status).toBe(409);
    await database.sql`update credit_limits set status = 'offered', accepted_at = null where id = ${offerId}`;
    const again = await accept(withKey("k2"));
    expect([again.status, again.headers.get("idempotency-hit")]).toEqual([409, "true"]);
  });

  test("is not to be used for another offer", async () => {
    await accept(withKey("k3"));
    const { status, body } = await accept({
      ...withKey("k3"),
      id: "0199a3c4-7d2e-7b4a-9c1d-2f6f8e5a1b3c",
    });
    expect([status, body.code]).toEqual([422, "idempotency_key_reused"]);
  });

  test("of one user means nothing for another", async () => {
    await accept(withKey("k4"));
    person = await makePerson(database.sql);
    offerId = await offerFor(person);
    expect((await accept(withKey("k4"))).status).toBe(202);
    expect(await statusOf(offerId)).toBe("accepted");
  });

  test("still being worked on is 409", async () => {
    const release = Promise.withResolvers<void>();
    const holding = Promise.withResolvers<void>();
    const holder = database.sql.begin(async (tx) => {
      await tx`select id from credit_limits where id = ${offerId} for update`;
      holding.resolve();
      await release.promise;
    });
    await holding.promise;
    const first = accept(withKey("k5"));
    await until(claimed, { what: "the claim of the key" });
    const second = await accept({ ...withKey("k5"), on: other });
    expect([second.status, second.body.code]).toEqual([409, "request_in_progress"]);
    release.resolve();
    await holder;
    expect((await first).status).toBe(202);
  });

  test.each([[""], ["x".repeat(256)]])("of a bad length is 400", async (key) => {
    expect((await accept(withKey(key))).status).toBe(400);
  });
});

describe("an analysis of somebody who has accepted", () => {
  const pastTheCoolOff = (): void => void (aheadMs += 301_000);
  const open = () => database.sql`
    select status from credit_limits where user_id = ${person.id} and status in ('offered', 'accepted')`;

  // The same answer as before, and that it stands.
  const standing = (reason: string, text: string) => ({
    ...offered,
    reason,
    explanation: [{ effect: "stands", text }, ...(offered["explanation"] as object[])],
  });

  test("returns the accepted offer, during the cool-off and after it, and says so", async () => {
    expect((await accept()).status).toBe(202);
    const during = await analyse(person, other);
    pastTheCoolOff();
    const after = await analyse(person);
    for (const { body } of [during, after])
      expect(body).toEqual(
        standing("OFFER_ALREADY_ACCEPTED", "An offer was accepted already, and is about to become active."),
      );
    expect(model.asked).toHaveLength(1);
    expect(await open()).toHaveLength(1);
  });

  test("returns the active limit, and says so", async () => {
    await accept();
    await database.sql`update credit_limits set status = 'active', activated_at = now() where id = ${offerId}`;
    pastTheCoolOff();
    expect((await analyse(person)).body).toEqual(
      standing("LIMIT_ALREADY_ACTIVE", "A credit limit is active already, and goes on."),
    );
  });

  test("never makes a second open offer where it races the acceptance", async () => {
    pastTheCoolOff();
    const [second] = await Promise.all([analyse(person, other), accept()]);
    expect(second.status).toBe(200);
    expect(await open()).toHaveLength(1);
  });
});
