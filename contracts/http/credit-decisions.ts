import { createRoute, z } from "@hono/zod-openapi";
import { analysis, declineReasons, userPath } from "./credit.ts";
import { bearer, inQuery, limit, uuid } from "./request-fields.ts";
import { jsonAnswer, problems } from "./problem.ts";

const tags = ["Credit"];

const feature = (description: string, example: number) =>
  z.number().nullable().openapi({ description, example });

/** A decision as the analysis answered it, and what it was made of. */
export const creditDecision = analysis
  .extend({
    reason: z.enum(declineReasons).optional().openapi({ description: "Why declined" }),
    features: z
      .object({
        transaction_count_30d: feature("Purchases in 30 days", 9),
        avg_transaction_value_30d: feature("What one of them came to, in the platform's currency", 32.4333),
        avg_positivity_7d: feature("Of the emotions of 7 days, 0 to 1", 0.8),
        stress_events_30d: feature("Emotions with a stress level of 0.7 or more in 30 days", 0),
      })
      .openapi({
        description: "What the model was shown; null is what was not known, and missingFeatures names it",
      }),
    contributions: z
      .record(z.string(), z.number())
      .nullable()
      .openapi({
        description:
          "What each feature added to the score, as the model told: signed points of its scorecard (log-odds of default), above 0 towards a higher risk, below 0 towards a lower. With the model's constant they add up to the log-odds of ml_risk_score. Null where the model was not asked",
        example: {
          transaction_count_30d: 0.0524,
          avg_transaction_value_30d: -0.2212,
          avg_positivity_7d: -0.9,
          stress_events_30d: -0.4,
        },
      }),
  })
  .openapi("CreditDecision");

export const listCreditDecisions = createRoute({
  method: "get",
  path: "/v1/users/{user_id}/credit-decisions",
  tags,
  summary: "List what was decided about a person, and why, newest first",
  description:
    "Every decision that an analysis made. One that it only repeated is there once, and one that could not be made (503) is not.",
  security: bearer,
  request: {
    params: userPath,
    query: z.object({ cursor: inQuery(z.string().max(200).optional(), "cursor"), limit }),
  },
  responses: {
    200: jsonAnswer(
      "A page of decisions",
      z.object({ items: z.array(creditDecision), nextCursor: z.string().nullable() }),
    ),
    ...problems(400, 401, 403, 429, 503),
  },
});

export const showCreditDecision = createRoute({
  method: "get",
  path: "/v1/credit-decisions/{decision_id}",
  tags,
  summary: "A decision, and why it was made",
  description: "By the decisionId of an analysis. Somebody else's is 404.",
  security: bearer,
  request: {
    params: z.object({ decision_id: uuid.openapi({ param: { name: "decision_id", in: "path" } }) }),
  },
  responses: {
    200: jsonAnswer("Found", creditDecision),
    ...problems(400, 401, 403, 404, 429, 503),
  },
});
