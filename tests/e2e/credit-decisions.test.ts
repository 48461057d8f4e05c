import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { INTERCEPT } from "../../ml-mock/domain/scorecard.ts";
import { send } from "./support/client.ts";
import { type Analysis, personWithOffer } from "./support/credit.ts";
import { expectProblem } from "./support/expect-problem.ts";
import { newPerson, operatorToken } from "./support/people.ts";
import { describeProtection } from "./support/protection.ts";
import { describeMethodRule } from "./support/request-rules.ts";

type Explained = Analysis & {
  features: Record<string, number | null>;
  contributions: Record<string, number> | null;
};
type Page = { items: Explained[]; nextCursor: string | null };

const listOf = (userId: string): string => `/v1/users/${userId}/credit-decisions`;
const pathOf = (decisionId: string): string => `/v1/credit-decisions/${decisionId}`;

describe("GET /v1/credit-decisions/{decision_id}", () => {
  it("what the features contributed adds up to the score; operators see it too, and strangers nothing", async () => {
    const { person, analysis } = await personWithOffer();
    const path = pathOf(analysis.decisionId);
    const { status, body } = await send<Explained>("GET", path, { token: person.token });
    expect([status, body]).toMatchObject([200, analysis]);
    expect(Object.keys(body.contributions ?? {}).toSorted()).toEqual(Object.keys(body.features).toSorted());
    const logOdds = Object.values(body.contributions ?? {}).reduce((sum, points) => sum + points, INTERCEPT);
    expect(body.ml_risk_score).toBeCloseTo(1 / (1 + Math.exp(-logOdds)), 5);

    const listed = await send<Page>("GET", listOf(person.id), { token: await operatorToken() });
    expect([listed.status, listed.body]).toEqual([200, { items: [body], nextCursor: null }]);

    const { token } = await newPerson();
    expectProblem(await send("GET", path, { token }), "not_found");
    expectProblem(await send("GET", path), "unauthenticated");
  });

  it("an id that is no UUID is 400", async () => {
    const { token } = await newPerson();
    expectProblem(await send("GET", pathOf("42"), { token }), "invalid_path");
  });

  describeMethodRule(() => pathOf(randomUUID()), "GET");
});

describe("GET /v1/users/{user_id}/credit-decisions", () => {
  describeProtection(({ id }) => Promise.resolve({ method: "GET", path: listOf(id) }));
  describeMethodRule(() => listOf(randomUUID()), "GET");
});
