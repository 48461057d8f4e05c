import { createRoute, z } from "@hono/zod-openapi";
import { idempotencyKey } from "./idempotency-key.ts";
import { jsonAnswer, problems } from "./problem.ts";

// In lower case, as ids are stored, compared and cached.
const uuid = z.uuid("must be a UUID").toLowerCase();

export const userPath = z.object({
  user_id: uuid.openapi({ param: { name: "user_id", in: "path" } }),
});
const offerPath = z.object({
  offer_id: uuid.openapi({ param: { name: "offer_id", in: "path" } }),
});

const bearer = [{ bearer: [] }];

export const offer = z
  .object({
    offer_id: z.string(),
    credit_limit: z
      .number()
      .openapi({ example: 7_812.5, description: "In the platform's currency, to cents" }),
    interest_rate: z.number().openapi({ example: 8.28, description: "Per cent a year" }),
    credit_type: z.string().openapi({ example: "SHORT_TERM_PERSONAL_LOAN" }),
    expires_at: z.string(),
  })
  .openapi("Offer");

/** What the scorecard looks at. */
export const featureNames = [
  "transaction_count_30d",
  "avg_transaction_value_30d",
  "avg_positivity_7d",
  "stress_events_30d",
] as const;

/** Why somebody is declined. */
export const declineReasons = ["INSUFFICIENT_DATA", "RISK_TOO_HIGH"] as const;

const reasonInWords = z
  .object({
    effect: z.enum(["approved", "declined", "stands", "raised_risk", "lowered_risk", "no_effect", "unknown"]),
    feature: z.enum(featureNames).optional(),
    text: z.string().openapi({ example: "9 purchases in 30 days lowered the risk." }),
  })
  .openapi("CreditReason");

export const analysis = z
  .object({
    user_id: z.string(),
    approved: z.boolean(),
    ml_risk_score: z.number().nullable(),
    offer: offer.optional(),
    reason: z
      .enum([...declineReasons, "OFFER_ALREADY_ACCEPTED", "LIMIT_ALREADY_ACTIVE"])
      .optional()
      .openapi({ description: "Why declined, or why the offer is one that was there before" }),
    missingFeatures: z.array(z.enum(featureNames)).optional(),
    decisionId: z.string(),
    decidedAt: z.string(),
    modelVersion: z.string().nullable(),
    policyVersion: z.string(),
    explanation: z.array(reasonInWords).openapi({
      description:
        "Why, in plain words: first what stands or which rule decided, then each feature, whatever moved the score most first. Made of what is stored with the decision; the words may change, effect and feature are for programs",
    }),
  })
  .openapi("CreditAnalysis");

export const analyseCredit = createRoute({
  method: "post",
  path: "/v1/users/{user_id}/credit-analysis",
  tags: ["Credit"],
  summary: "Decide on credit for a person",
  description:
    "Within the cool-off a repeat returns the same decision and the same offer. 503 with Retry-After while the risk model is unavailable.",
  security: bearer,
  request: { params: userPath },
  responses: { 200: jsonAnswer("Decided", analysis), ...problems(400, 401, 403, 404, 429, 503) },
});

export const offerStatus = z.enum(["offered", "accepted", "active", "superseded", "expired", "rejected"]);

const wholeNumber = (fallback: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, "must be a whole number of at most 9 digits")
    .transform(Number)
    .pipe(z.number().min(1, "must be at least 1").max(max, `must be at most ${max}`))
    .default(fallback);

export const listOffers = createRoute({
  method: "get",
  path: "/v1/users/{user_id}/offers",
  tags: ["Credit"],
  summary: "List a person's offers, newest first",
  security: bearer,
  request: {
    params: userPath,
    query: z.object({
      page: wholeNumber(1, 1_000_000).openapi({ param: { name: "page", in: "query" } }),
      page_size: wholeNumber(20, 100).openapi({ param: { name: "page_size", in: "query" } }),
    }),
  },
  responses: {
    200: jsonAnswer(
      "A page of offers",
      z.object({
        total: z.int(),
        page: z.int(),
        page_size: z.int(),
        items: z.array(
          z.object({
            offer_id: z.string(),
            status: offerStatus,
            credit_limit: z.number(),
            interest_rate: z.number(),
            created_at: z.string(),
            expires_at: z.string(),
          }),
        ),
      }),
    ),
    ...problems(400, 401, 403, 429, 503),
  },
});

export const acceptance = z.object({ userId: uuid.optional() }).openapi("Acceptance");

export const acceptOffer = createRoute({
  method: "post",
  path: "/v1/credit-offers/{offer_id}/accept",
  tags: ["Credit"],
  summary: "Accept an offer",
  description:
    "202: the acceptance is recorded and the limit goes active shortly. Repeated with the same Idempotency-Key it returns the first answer; without one, an offer already taken is 409.",
  security: bearer,
  request: {
    params: offerPath,
    headers: z.object({ "idempotency-key": idempotencyKey }),
    body: { required: false, content: { "application/json": { schema: acceptance } } },
  },
  responses: {
    202: jsonAnswer(
      "Being processed",
      z.object({ status: z.literal("offer acceptance is being processed") }),
    ),
    ...problems(400, 401, 403, 404, 409, 410, 413, 415, 422, 429, 503),
  },
});

export const notification = z
  .object({
    id: z.string(),
    userId: z.string(),
    type: z.string().openapi({ example: "CREDIT_LIMIT_APPLIED" }),
    title: z.string(),
    message: z.string(),
    offerId: z.string().optional(),
    createdAt: z.string(),
  })
  .openapi("Notification");

export const listNotifications = createRoute({
  method: "get",
  path: "/v1/users/{user_id}/notifications",
  tags: ["Credit"],
  summary: "List what a person was told, newest first",
  security: bearer,
  request: {
    params: userPath,
    query: z.object({
      cursor: z
        .string()
        .max(200)
        .optional()
        .openapi({ param: { name: "cursor", in: "query" } }),
      limit: wholeNumber(20, 100).openapi({ param: { name: "limit", in: "query" } }),
    }),
  },
  responses: {
    200: jsonAnswer(
      "A page of notifications",
      z.object({ items: z.array(notification), nextCursor: z.string().nullable() }),
    ),
    ...problems(400, 401, 403, 429, 503),
  },
});
