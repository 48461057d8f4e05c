import { createRoute, z } from "@hono/zod-openapi";
import { inPath, partnerPath, tags } from "./partners.ts";
import { jsonAnswer, jsonBody, problems } from "./problem.ts";
import { limit, operator, uuidCursor } from "./request-fields.ts";

const keyPath = z.object({ partner_id: inPath("partner_id"), key_id: inPath("key_id") });

export const partnerScopes = ["authorizations:write", "authorizations:read"] as const;
const scopes = z
  .array(z.enum(partnerScopes, { error: `must be ${partnerScopes.join(" or ")}` }))
  .min(1, "must have at least 1")
  .max(partnerScopes.length)
  .refine((all) => new Set(all).size === all.length, "must differ from one another");

export const partnerKey = z
  .object({
    id: z.string(),
    partnerId: z.string(),
    prefix: z.string().openapi({ description: "The key's first characters, to tell keys apart" }),
    scopes: z.array(z.enum(partnerScopes)),
    createdAt: z.string(),
    expiresAt: z.string().nullable(),
    revokedAt: z.string().nullable(),
  })
  .openapi("PartnerKey");

export const newKey = partnerKey
  .extend({ key: z.string().openapi({ description: "Shown this once; only its hash is kept" }) })
  .openapi("NewPartnerKey");

export const keyOrder = z.strictObject({ scopes }).openapi("PartnerKeyOrder");

export const createPartnerKey = createRoute({
  method: "post",
  path: "/v1/partners/{partner_id}/keys",
  tags,
  summary: "Make a key; it is shown this once",
  description:
    "Not repeatable: an answer that was lost is a key to be revoked, since its text is kept nowhere.",
  security: operator,
  request: { params: partnerPath, body: jsonBody(keyOrder) },
  responses: { 201: jsonAnswer("Made", newKey), ...problems(400, 401, 403, 404, 413, 415, 422, 429, 503) },
});

export const listPartnerKeys = createRoute({
  method: "get",
  path: "/v1/partners/{partner_id}/keys",
  tags,
  summary: "A partner's keys, newest first, without their text",
  security: operator,
  request: { params: partnerPath, query: z.object({ cursor: uuidCursor, limit }) },
  responses: {
    200: jsonAnswer("A page", z.object({ items: z.array(partnerKey), nextCursor: z.string().nullable() })),
    ...problems(400, 401, 403, 404, 429, 503),
  },
});

const DAY_SECONDS = 86_400;

export const rotation = z
  .strictObject({
    graceSeconds: z
      .int("must be a whole number")
      .min(0, "must be at least 0")
      .max(30 * DAY_SECONDS, `must be at most ${30 * DAY_SECONDS}`)
      .default(DAY_SECONDS)
      .openapi({ description: "How long the old key still works" }),
  })
  .openapi("PartnerKeyRotation");

export const rotatePartnerKey = createRoute({
  method: "post",
  path: "/v1/partners/{partner_id}/keys/{key_id}/rotate",
  tags,
  summary: "Replace a key by a new one with the same scopes",
  security: operator,
  request: { params: keyPath, body: jsonBody(rotation) },
  responses: {
    201: jsonAnswer("The new key", newKey),
    ...problems(400, 401, 403, 404, 409, 413, 415, 422, 429, 503),
  },
});

export const revokePartnerKey = createRoute({
  method: "post",
  path: "/v1/partners/{partner_id}/keys/{key_id}/revoke",
  tags,
  summary: "End a key at once",
  description: "Within two seconds on every replica. Repeating it changes nothing.",
  security: operator,
  request: { params: keyPath },
  responses: { 200: jsonAnswer("Revoked", partnerKey), ...problems(400, 401, 403, 404, 429, 503) },
});
