import { createRoute, z } from "@hono/zod-openapi";
import { reference } from "./ledger-fields.ts";
import { inQuery, limit, operator, uuid, uuidCursor } from "./request-fields.ts";
import { jsonAnswer, jsonBody, problems } from "./problem.ts";

export const tags = ["Partners"];
export const inPath = (name: string) => uuid.openapi({ param: { name, in: "path" } });
export const partnerPath = z.object({ partner_id: inPath("partner_id") });
const userPath = z.object({
  partner_id: inPath("partner_id"),
  external_user_id: reference.openapi({ param: { name: "external_user_id", in: "path" } }),
});

export const partner = z
  .object({
    id: z.string(),
    name: z.string(),
    status: z.enum(["active", "suspended"]),
    settlementAccountId: z.string().nullable(),
    createdAt: z.string(),
  })
  .openapi("Partner");

const settlementAccountId = uuid.openapi({
  description: "Where its captures in the currency of this account go; others go where the platform settles",
});

export const partnerOrder = z
  .strictObject({
    name: reference,
    settlementAccountId: settlementAccountId.optional(),
  })
  .openapi("PartnerOrder");

export const createPartner = createRoute({
  method: "post",
  path: "/v1/partners",
  tags,
  summary: "Register a partner",
  security: operator,
  request: { body: jsonBody(partnerOrder) },
  responses: {
    201: jsonAnswer("Registered", partner),
    ...problems(400, 401, 403, 404, 413, 415, 422, 429, 503),
  },
});

export const partnerChange = z
  .strictObject({
    status: z.enum(["active", "suspended"], { error: "must be active or suspended" }).optional(),
    settlementAccountId: settlementAccountId.nullable().optional(),
  })
  .refine((body) => body.status !== undefined || body.settlementAccountId !== undefined, {
    path: ["status"],
    message: "must be given, or settlementAccountId",
  })
  .openapi("PartnerChange");

export const changePartner = createRoute({
  method: "patch",
  path: "/v1/partners/{partner_id}",
  tags,
  summary: "Suspend a partner, or let it in again; or have its captures go elsewhere",
  description:
    "What is captured from then on goes to the new settlement account, also of purchases that were approved before; null is where the platform settles.",
  security: operator,
  request: { params: partnerPath, body: jsonBody(partnerChange) },
  responses: {
    200: jsonAnswer("Changed", partner),
    ...problems(400, 401, 403, 404, 413, 415, 422, 429, 503),
  },
});

export const listPartners = createRoute({
  method: "get",
  path: "/v1/partners",
  tags,
  summary: "Every partner, newest first",
  security: operator,
  request: { query: z.object({ cursor: uuidCursor, limit }) },
  responses: {
    200: jsonAnswer("A page", z.object({ items: z.array(partner), nextCursor: z.string().nullable() })),
    ...problems(400, 401, 403, 429, 503),
  },
});

export const userLink = z.strictObject({ userId: uuid }).openapi("PartnerUserLink");

const partnerUser = z.object({ externalUserId: z.string(), userId: z.string(), linkedAt: z.string() });

export const linkPartnerUser = createRoute({
  method: "put",
  path: "/v1/partners/{partner_id}/users/{external_user_id}",
  tags,
  summary: "Let a partner authorize for a person, under the id that it knows them by",
  description: "Who is linked stays who they are: another person under the same id is 409, unlink first.",
  security: operator,
  request: { params: userPath, body: jsonBody(userLink) },
  responses: {
    200: jsonAnswer("Linked", partnerUser),
    ...problems(400, 401, 403, 404, 409, 413, 415, 422, 429, 503),
  },
});

export const listPartnerUsers = createRoute({
  method: "get",
  path: "/v1/partners/{partner_id}/users",
  tags,
  summary: "Whom a partner may authorize for, by the ids that it knows them by",
  security: operator,
  request: {
    params: partnerPath,
    query: z.object({ cursor: inQuery(reference.optional(), "cursor"), limit }),
  },
  responses: {
    200: jsonAnswer("A page", z.object({ items: z.array(partnerUser), nextCursor: z.string().nullable() })),
    ...problems(400, 401, 403, 404, 429, 503),
  },
});

export const unlinkPartnerUser = createRoute({
  method: "delete",
  path: "/v1/partners/{partner_id}/users/{external_user_id}",
  tags,
  summary: "End what a partner may do for a person",
  security: operator,
  request: { params: userPath },
  responses: { 204: { description: "Not linked any more" }, ...problems(400, 401, 403, 429, 503) },
});
