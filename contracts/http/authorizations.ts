import { createRoute, z } from "@hono/zod-openapi";
import { currency } from "../fields.ts";
import { idempotencyHeaders, positiveMoney, reference } from "./ledger-fields.ts";
import { inQuery, limit, uuid, uuidCursor } from "./request-fields.ts";
import { jsonAnswer, jsonBody, madeAnswer, problems } from "./problem.ts";

export const tags = ["Authorizations"];
/** The person, or a partner that acts for them. */
export const personOrPartner = [{ bearer: [] }, { partnerKey: [] }];

export const authorizationPath = z.object({
  authorization_id: uuid.openapi({ param: { name: "authorization_id", in: "path" } }),
});

export const declineReason = z.enum([
  "no_credit_line",
  "account_frozen",
  "amount_too_high",
  "velocity_exceeded",
  "insufficient_credit",
]);

export const authorization = z
  .object({
    id: z.string(),
    status: z.enum(["approved", "declined", "captured", "voided", "expired"]).openapi({
      description: "approved until nothing of it is open; then what took the last of it",
    }),
    reason: declineReason.optional(),
    userId: z.string().optional().openapi({ description: "Of the person; told to people and operators" }),
    externalUserId: z
      .string()
      .optional()
      .openapi({ description: "The id by which the partner that asked knows the person" }),
    accountId: z
      .string()
      .optional()
      .openapi({ description: "The credit line; told to people and operators" }),
    amount: z.string().openapi({ example: "42.50" }),
    currency: z.string(),
    capturedAmount: z.string().optional(),
    releasedAmount: z.string().optional().openapi({ description: "Voided or expired" }),
    openAmount: z.string().optional(),
    available: z
      .string()
      .optional()
      .openapi({ description: "What the line still has; told to the person alone" }),
    referenceId: z.string().optional(),
    groupId: z.string().optional(),
    decidedAt: z.string(),
    expiresAt: z.string().optional(),
  })
  .openapi("Authorization");

export const authorizationsPage = z.object({
  items: z.array(authorization),
  nextCursor: z.string().nullable(),
});

/** Among whose authorizations to look. */
export const whoseQuery = {
  userId: inQuery(uuid.optional(), "userId"),
  partnerId: inQuery(uuid.optional(), "partnerId"),
};

const DAY_SECONDS = 86_400;

/** How many approved authorizations one group may have: they are settled in one transaction. */
export const MAX_GROUP = 1_000;

export const newAuthorization = z
  .strictObject({
    amount: positiveMoney,
    currency: currency.default("USD"),
    userId: reference.optional().openapi({
      description: "Of a person: their own id, or nothing. Of a partner: the id that it knows the person by",
    }),
    referenceId: reference.optional().openapi({ description: "The caller's own id: decided once, for ever" }),
    groupId: uuid.optional().openapi({
      description: `Authorizations of a caller's that are captured or voided together, at most ${MAX_GROUP}; one too many is 422`,
    }),
    expiresInSeconds: z
      .int("must be a whole number")
      .min(1, "must be at least 1")
      .max(30 * DAY_SECONDS, `must be at most ${30 * DAY_SECONDS}`)
      .default(7 * DAY_SECONDS),
    capture: z
      .enum(["manual", "automatic"], { error: "must be manual or automatic" })
      .default("manual")
      .openapi({ description: "manual: the caller captures; automatic: it is captured whole, at once" }),
  })
  .refine((body) => body.capture === "manual" || body.groupId === undefined, {
    path: ["groupId"],
    message: "is of authorizations that their caller captures: not together with capture automatic",
  })
  .openapi("NewAuthorization");

/** What becomes of who settles something. */
export const settled = [400, 401, 403, 404, 409, 410, 413, 415, 422, 429, 503] as const;

export const createAuthorization = createRoute({
  method: "post",
  path: "/v1/authorizations",
  tags,
  summary: "Reserve a purchase against a person's credit line",
  description:
    "Answered at once: approved, or declined with a reason. One with a reference that is known already is answered 200 with that authorization.",
  security: personOrPartner,
  request: { headers: idempotencyHeaders, body: jsonBody(newAuthorization) },
  responses: {
    200: jsonAnswer("Decided before, under the same reference", authorization),
    201: madeAnswer("Approved or declined", authorization),
    ...problems(400, 401, 403, 404, 409, 413, 415, 422, 429, 503),
  },
});

export const showAuthorization = createRoute({
  method: "get",
  path: "/v1/authorizations/{authorization_id}",
  tags,
  summary: "An authorization",
  security: personOrPartner,
  request: { params: authorizationPath },
  responses: { 200: jsonAnswer("Found", authorization), ...problems(400, 401, 403, 404, 429, 503) },
});

export const findAuthorizations = createRoute({
  method: "get",
  path: "/v1/authorizations",
  tags,
  summary: "The authorization of a reference, or what a partner asked for, newest first",
  description:
    "Of a reference at most one, approved or declined; without one everything of a partner's, for itself and operators. A person looks among their own references or, of what was asked against their line, a partner's; a partner among its own; an operator says whose.",
  security: personOrPartner,
  request: {
    query: z.object({
      referenceId: inQuery(reference.optional(), "referenceId"),
      ...whoseQuery,
      cursor: uuidCursor,
      limit,
    }),
  },
  responses: {
    200: jsonAnswer("Found, or not", authorizationsPage),
    ...problems(400, 401, 403, 429, 503),
  },
});

export const listAuthorizations = createRoute({
  method: "get",
  path: "/v1/users/{user_id}/authorizations",
  tags,
  summary: "A person's authorizations, newest first, declined ones among them",
  security: [{ bearer: [] }],
  request: {
    params: z.object({ user_id: uuid.openapi({ param: { name: "user_id", in: "path" } }) }),
    query: z.object({ cursor: uuidCursor, limit }),
  },
  responses: {
    200: jsonAnswer("A page", authorizationsPage),
    ...problems(400, 401, 403, 429, 503),
  },
});

/** What clients of a sibling system send: numbers are read by their digits. */
export const siblingAuthorization = z
  .strictObject({
    transaction_id: z.union([reference, z.number()]).transform(String).pipe(reference),
    user_id: z.union([reference, z.number()]).transform(String).pipe(reference),
    amount: positiveMoney,
    currency: currency.default("USD"),
  })
  .openapi("SiblingAuthorization");

export const authorizeSibling = createRoute({
  method: "post",
  path: "/authorize",
  tags,
  summary: "Authorize a purchase of a partner's user; it is captured automatically",
  description:
    "transaction_id makes it happen once, for ever: a repeat gets the same decision. user_id is the id that the partner knows the person by.",
  security: [{ partnerKey: [] }],
  request: { body: jsonBody(siblingAuthorization) },
  responses: {
    200: jsonAnswer(
      "Approved or declined",
      z.object({
        transaction_id: z.string(),
        authorization_id: z.string(),
        user_id: z.string(),
        amount: z.number(),
        currency: z.string(),
        status: z.enum(["approved", "declined"]),
        reason: declineReason.optional(),
      }),
    ),
    ...problems(400, 401, 403, 404, 409, 413, 415, 422, 429, 503),
  },
});
