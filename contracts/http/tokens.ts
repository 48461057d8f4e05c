import { createRoute, z } from "@hono/zod-openapi";
import { idempotencyKey } from "./idempotency-key.ts";
import { bearer, inQuery, limit, operator, plain, uuid, uuidCursor } from "./request-fields.ts";
import { jsonAnswer, jsonBody, problems } from "./problem.ts";

export const logOutOrder = z
  .strictObject({
    everywhere: z
      .boolean("must be true or false")
      .optional()
      .openapi({ description: "Ends every token of the caller, not only this one" }),
  })
  .openapi("LogOut");

export const logOut = createRoute({
  method: "post",
  path: "/v1/auth/logout",
  tags: ["Identity"],
  summary: "End the token that it comes with",
  description:
    "204: the end of the token is recorded, and within two seconds every gateway answers it with 401. May be repeated until then.",
  security: bearer,
  request: { body: { required: false, content: { "application/json": { schema: logOutOrder } } } },
  responses: {
    204: { description: "Logged out" },
    ...problems(400, 401, 403, 413, 415, 422, 429, 503),
  },
});

export const revocationOrder = z
  .strictObject({
    userId: uuid,
    reason: plain(256)
      .refine((text) => text === "" || text.trim() !== "", "must not be blank")
      .openapi({ example: "The phone was stolen" }),
  })
  .openapi("TokenRevocationOrder");

export const tokenRevocation = z
  .object({
    id: z.string(),
    userId: z.string(),
    scope: z.enum(["token", "user"]).openapi({ description: "One token, or all that the person had" }),
    reason: z.string(),
    revokedBy: z.string().openapi({ description: "The operator, or the person themselves" }),
    createdAt: z.string(),
  })
  .openapi("TokenRevocation");

export const revokeTokens = createRoute({
  method: "post",
  path: "/v1/token-revocations",
  tags: ["Identity"],
  summary: "End all tokens of a person",
  description:
    "Within two seconds every gateway answers each token that they had with 401. They may log in again at once.",
  security: operator,
  request: { headers: z.object({ "idempotency-key": idempotencyKey }), body: jsonBody(revocationOrder) },
  responses: {
    201: jsonAnswer("Revoked", tokenRevocation),
    ...problems(400, 401, 403, 404, 409, 413, 415, 422, 429, 503),
  },
});

export const listTokenRevocations = createRoute({
  method: "get",
  path: "/v1/token-revocations",
  tags: ["Identity"],
  summary: "List who ended which tokens, newest first",
  security: operator,
  request: {
    query: z.object({ userId: inQuery(uuid.optional(), "userId"), cursor: uuidCursor, limit }),
  },
  responses: {
    200: jsonAnswer(
      "A page of revocations",
      z.object({ items: z.array(tokenRevocation), nextCursor: z.string().nullable() }),
    ),
    ...problems(400, 401, 403, 429, 503),
  },
});
