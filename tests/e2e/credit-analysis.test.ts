import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { send } from "./support/client.ts";
import { passCoolOff, lapse } from "./support/cool-off.ts";
import { flushCache } from "./support/cache.ts";
import {
  accept,
  type Analysis,
  analyse,
  offerStatusOf,
  personWithOffer,
  untilActive,
} from "./support/credit.ts";
import { sql } from "./support/database.ts";
import { expectProblem } from "./support/expect-problem.ts";
import { newPerson, operatorToken, type Person } from "./support/people.ts";
import { describeProtection } from "./support/protection.ts";
import { describeMethodRule } from "./support/request-rules.ts";
import { ISO_TIME, UUID } from "./support/shapes.ts";
import {
  CALM_LIFE,
  DISTRESSED,
  emotionOf,
  live,
  TROUBLED_LIFE,
  untilSummarised,
} from "./support/telemetry.ts";
import { mintToken } from "./support/tokens.ts";

const pathOf = (userId: string): string => `/v1/users/${userId}/credit-analysis`;

const decisionsOf = async (userId: string): Promise<number> => {
  const [row] = await sql()<{ count: number }[]>`
    select count(*)::int as count from credit_decisions where user_id = ${userId}`;
  return row?.count ?? 0;
};

const openOffersOf = (userId: string) =>
  sql()`select id from credit_limits where user_id = ${userId} and status in ('offered', 'accepted')`;

const newPersonWho = async (life: Parameters<typeof live>[1]): Promise<Person> => {
  const person = await newPerson();
  await live(person, life);
  return person;
};

describe("POST /v1/users/{user_id}/credit-analysis", () => {
  it("a calm life brings an offer priced by the policy", async () => {
    const { person, analysis } = await personWithOffer();
    const risk = analysis.ml_risk_score ?? Number.NaN;
    expect(analysis).toEqual({
      user_id: person.id,
      approved: true,
      ml_risk_score: risk,
      offer: {
        offer_id: UUID,
        credit_limit: expect.closeTo(Math.max(1000, (1 - risk) * 10_000), 2) as number,
        interest_rate: expect.closeTo(5 + 15 * risk, 2) as number,
        credit_type: "SHORT_TERM_PERSONAL_LOAN",
        expires_at: ISO_TIME,
      },
      decisionId: UUID,
      decidedAt: ISO_TIME,
      modelVersion: expect.stringMatching(/\S/) as string,
      policyVersion: expect.stringMatching(/\S/) as string,
      explanation: [
        {
          effect: "approved",
          text: expect.stringContaining(`the risk score of ${risk} is within`) as string,
        },
        ...Array.from({ length: 4 }, () => ({
          effect: expect.stringMatching(/^((raised|lowered)_risk|no_effect)$/) as string,
          feature: expect.stringMatching(/\S/) as string,
          text: expect.stringMatching(/ the risk\.$/) as string,
        })),
      ],
    });
    expect(risk).toBeGreaterThanOrEqual(0);
    expect(risk).toBeLessThanOrEqual(0.6);
    const days = (Date.parse(analysis.offer?.expires_at ?? "") - Date.parse(analysis.decidedAt)) / 86_400_000;
    expect(days).toBeCloseTo(7, 3);
  });

  it("a life in distress is declined as too risky, with no offer", async () => {
    const person = await newPersonWho(TROUBLED_LIFE);
    const { status, body } = await analyse(person);
    expect(status).toBe(200);
    expect(body).toMatchObject({ user_id: person.id, approved: false, reason: "RISK_TOO_HIGH" });
    expect(body.ml_risk_score).toBeGreaterThan(0.6);
    expect(body).not.toHaveProperty("offer");
    expect(await openOffersOf(person.id)).toEqual([]);
  });

  it("nothing known about a person is insufficient data, without a score", async () => {
    const { status, body } = await analyse(await newPerson());
    expect(status).toBe(200);
    expect(body).toMatchObject({ approved: false, reason: "INSUFFICIENT_DATA", ml_risk_score: null });
    expect(body).not.toHaveProperty("offer");
  });

  it("insufficient data does not stand in the way of a decision once there is some", async () => {
    const person = await newPerson();
    await analyse(person);
    await live(person, CALM_LIFE);
    expect((await analyse(person)).body).toMatchObject({ approved: true });
  });

  it("no emotions: the score comes from the rest, and what is missing is listed", async () => {
    const person = await newPersonWho({ transactions: CALM_LIFE.transactions });
    const { body } = await analyse(person);
    expect(body.ml_risk_score).not.toBeNull();
    expect(body.missingFeatures?.toSorted()).toEqual(["avg_positivity_7d", "stress_events_30d"]);
  });

  it("no transactions: the score comes from the rest, and what is missing is listed", async () => {
    const person = await newPersonWho({ emotions: CALM_LIFE.emotions });
    const { body } = await analyse(person);
    expect(body.ml_risk_score).not.toBeNull();
    expect(body.missingFeatures?.toSorted()).toEqual(["avg_transaction_value_30d", "transaction_count_30d"]);
  });

  it("a repeat inside the cool-off is the same decision and the same offer", async () => {
    const { person, analysis } = await personWithOffer();
    expect((await analyse(person)).body).toEqual(analysis);
    expect(await decisionsOf(person.id)).toBe(1);
  });

  it("a repeat inside the cool-off is the same also with worse telemetry and an empty cache", async () => {
    const { person, analysis } = await personWithOffer();
    for (let n = 0; n < 4; n++) {
      const json = emotionOf(person.id, DISTRESSED);
      await send("POST", "/v1/emotions/stream", { token: person.token, json });
    }
    await untilSummarised(person.id, { ...CALM_LIFE, emotions: CALM_LIFE.emotions + 4 });
    await flushCache();
    const repeats = await Promise.all(Array.from({ length: 4 }, () => analyse(person)));
    for (const { body } of repeats) expect(body).toEqual(analysis);
  });

  it("a decline is kept for the cool-off too", async () => {
    const person = await newPersonWho(TROUBLED_LIFE);
    const first = await analyse(person);
    await flushCache();
    expect((await analyse(person)).body).toEqual(first.body);
    expect(await decisionsOf(person.id)).toBe(1);
  });

  it("ten requests at the same moment make one decision and one offer", async () => {
    const person = await newPersonWho(CALM_LIFE);
    const answers = await Promise.all(Array.from({ length: 10 }, () => analyse(person)));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    expect(new Set(answers.map(({ body }) => body.decisionId)).size).toBe(1);
    expect(new Set(answers.map(({ body }) => body.offer?.offer_id)).size).toBe(1);
    expect(await decisionsOf(person.id)).toBe(1);
    expect(await openOffersOf(person.id)).toHaveLength(1);
  });

  it("an analysis after the cool-off supersedes an offer that nobody took", async () => {
    const { person, analysis, offer } = await personWithOffer();
    await passCoolOff(person.id);
    const { body } = await analyse(person);
    expect(body.approved).toBe(true);
    expect(body.decisionId).not.toBe(analysis.decisionId);
    expect(body.offer?.offer_id).not.toBe(offer.offer_id);
    expect(await offerStatusOf(offer.offer_id)).toBe("superseded");
    expect(await openOffersOf(person.id)).toEqual([{ id: body.offer?.offer_id }]);
    expectProblem(await accept(person, offer.offer_id), "offer_not_open");
  });

  it("an offer that lapsed becomes expired and makes room for a new one", async () => {
    const { person, offer } = await personWithOffer();
    await lapse(offer.offer_id);
    await passCoolOff(person.id);
    const { body } = await analyse(person);
    expect(body.offer?.offer_id).not.toBe(offer.offer_id);
    expect(await offerStatusOf(offer.offer_id)).toBe("expired");
  });

  it("after the cool-off a limit that is active comes back as it is, with the reason", async () => {
    const { person, offer } = await personWithOffer();
    await accept(person, offer.offer_id);
    await untilActive(offer.offer_id);
    await passCoolOff(person.id);
    const { body } = await analyse(person);
    expect(body).toMatchObject({ approved: true, reason: "LIMIT_ALREADY_ACTIVE", offer });
    expect(await openOffersOf(person.id)).toEqual([]);
  });

  it("a body is not needed, and one that is there does no harm", async () => {
    const person = await newPerson();
    const answer = await send<Analysis>("POST", pathOf(person.id), { token: person.token, json: {} });
    expect(answer.status).toBe(200);
  });

  it("an id that is no UUID is 400", async () => {
    const person = await newPerson();
    expectProblem(await send("POST", pathOf("42"), { token: person.token }), "invalid_path");
  });

  it("a user who does not exist is 404", async () => {
    const id = randomUUID();
    expectProblem(await send("POST", pathOf(id), { token: await mintToken({ subject: id }) }), "not_found");
  });

  it("an operator may not ask for a user", async () => {
    const person = await newPerson();
    expectProblem(await send("POST", pathOf(person.id), { token: await operatorToken() }), "forbidden");
  });

  describeProtection(({ id }) => Promise.resolve({ method: "POST", path: pathOf(id) }));
  describeMethodRule(() => pathOf(randomUUID()), "POST");
});
