import { createRoute, z } from "@hono/zod-openapi";
import { authorization, authorizationPath, personOrPartner, settled, tags } from "./authorizations.ts";
import { idempotencyHeaders, nothing, positiveMoney, reference } from "./ledger-fields.ts";
import { jsonAnswer, jsonBody, madeAnswer, problems } from "./problem.ts";
import { limit, uuid, versionCursor } from "./request-fields.ts";

// A saga finds its own capture again by a reference of this form, in the scope that operators have too.
const captureReference = reference.refine((text) => !text.startsWith("saga:"), {
  error: "must not begin with saga:, as what the platform captures by itself does",
});

export const newCapture = z
  .strictObject({
    amount: positiveMoney.optional().openapi({ description: "All that is open, if not given" }),
    final: z
      .boolean("must be true or false")
      .default(false)
      .openapi({ description: "Releases what stays open" }),
    destinationAccountId: uuid.optional().openapi({
      description: "Where the platform settles, if not given; a person may name a wallet of theirs",
    }),
    referenceId: captureReference.optional().openapi({
      description:
        "The caller's own id: counts once, for ever; not one of saga:…. The same capture again is answered 200 with the first, another one 409",
    }),
  })
  .openapi("NewCapture");

export const capture = z
  .object({ transferId: z.string(), amount: z.string(), currency: z.string(), authorization })
  .openapi("Capture");

export const captureAuthorization = createRoute({
  method: "post",
  path: "/v1/authorizations/{authorization_id}/capture",
  tags,
  summary: "Take what was reserved, all of it or a part",
  description:
    "As often as something is open. 409 hold_already_captured, hold_voided or authorization_declined, 410 hold_expired, 422 capture_exceeds_hold (with openAmount).",
  security: personOrPartner,
  request: { params: authorizationPath, headers: idempotencyHeaders, body: jsonBody(newCapture) },
  responses: {
    200: jsonAnswer("Captured before, under the same reference", capture),
    201: madeAnswer("Captured", capture),
    ...problems(...settled),
  },
});

/** Nothing to say, but a body all the same: every POST of money has one, and its hash is what the key stands for. */
export const voidAuthorization = createRoute({
  method: "post",
  path: "/v1/authorizations/{authorization_id}/void",
  tags,
  summary: "Give back what is open",
  security: personOrPartner,
  request: { params: authorizationPath, headers: idempotencyHeaders, body: jsonBody(nothing) },
  responses: { 200: jsonAnswer("Voided", authorization), ...problems(...settled) },
});

export const captureMade = z
  .object({
    transferId: z.string(),
    amount: z.string(),
    currency: z.string(),
    referenceId: z.string().optional(),
    capturedAt: z.string(),
    revertedByTransferId: z.string().optional().openapi({
      description: "An operator has moved it back; the authorization itself stays captured",
    }),
  })
  .openapi("CaptureMade");

export const listCaptures = createRoute({
  method: "get",
  path: "/v1/authorizations/{authorization_id}/captures",
  tags,
  summary: "What was taken of an authorization, oldest first",
  security: personOrPartner,
  request: {
    params: authorizationPath,
    query: z.object({
      cursor: versionCursor,
      limit,
    }),
  },
  responses: {
    200: jsonAnswer("A page", z.object({ items: z.array(captureMade), nextCursor: z.string().nullable() })),
    ...problems(400, 401, 403, 404, 429, 503),
  },
});
