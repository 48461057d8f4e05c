import { createRoute, z } from "@hono/zod-openapi";
import { MAX_GROUP, authorization, personOrPartner, settled, tags } from "./authorizations.ts";
import { capture } from "./settle-authorizations.ts";
import { idempotencyHeaders } from "./ledger-fields.ts";
import { jsonAnswer, jsonBody, problems } from "./problem.ts";
import { uuid } from "./request-fields.ts";

const groupPath = z.object({ group_id: uuid.openapi({ param: { name: "group_id", in: "path" } }) });

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
