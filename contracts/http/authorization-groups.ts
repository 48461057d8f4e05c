import { createRoute, z } from "@hono/zod-openapi";
import {
  MAX_GROUP,
  authorization,
  authorizationsPage,
  personOrPartner,
  settled,
  tags,
  whoseQuery,
} from "./authorizations.ts";
import { capture } from "./settle-authorizations.ts";
import { idempotencyHeaders } from "./ledger-fields.ts";
import { jsonAnswer, jsonBody, problems } from "./problem.ts";
import { limit, uuid, uuidCursor } from "./request-fields.ts";

const groupPath = z.object({ group_id: uuid.openapi({ param: { name: "group_id", in: "path" } }) });

export const showGroup = createRoute({
  method: "get",
  path: "/v1/authorization-groups/{group_id}",
  tags,
  summary: "The authorizations of a group, declined ones among them, in the order of their ids",
  description:
    "A person's own or, of what was asked against their line, a partner's (partnerId); a partner's own; an operator says whose. Of a group that nobody has there are none.",
  security: personOrPartner,
  request: { params: groupPath, query: z.object({ ...whoseQuery, cursor: uuidCursor, limit }) },
  responses: { 200: jsonAnswer("A page", authorizationsPage), ...problems(400, 401, 403, 429, 503) },
});

/** People and partners have nothing to say: a group is their own. */
export const groupSettlement = z
  .strictObject({
    userId: uuid.optional().openapi({ description: "Of an operator: whose group, a person's" }),
    partnerId: uuid.optional().openapi({ description: "Of an operator: whose group, a partner's" }),
  })
  .openapi("GroupSettlement");

export const captureGroup = createRoute({
  method: "post",
  path: "/v1/authorization-groups/{group_id}/capture",
  tags,
  summary: "Capture every authorization of a group whole, or none",
  description: `Where one cannot be, the problem says which: authorizationId. A group has at most ${MAX_GROUP} approved ones.`,
  security: personOrPartner,
  request: { params: groupPath, headers: idempotencyHeaders, body: jsonBody(groupSettlement) },
  responses: {
    200: jsonAnswer("Captured", z.object({ groupId: z.string(), items: z.array(capture) })),
    ...problems(...settled),
  },
});

export const voidGroup = createRoute({
  method: "post",
  path: "/v1/authorization-groups/{group_id}/void",
  tags,
  summary: "Void every authorization of a group, or none",
  security: personOrPartner,
  request: { params: groupPath, headers: idempotencyHeaders, body: jsonBody(groupSettlement) },
  responses: {
    200: jsonAnswer("Voided", z.object({ groupId: z.string(), items: z.array(authorization) })),
    ...problems(...settled),
  },
});
