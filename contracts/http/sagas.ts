import { createRoute, z } from "@hono/zod-openapi";
import { inQuery, limit, operator, uuid, uuidCursor } from "./request-fields.ts";
import { jsonAnswer, jsonBody, problems } from "./problem.ts";

const tags = ["Sagas"];
const sagaPath = z.object({ saga_id: uuid.openapi({ param: { name: "saga_id", in: "path" } }) });

export const sagaState = z.enum(
  ["running", "compensating", "completed", "compensated", "stuck", "resolved"],
  {
    error: "must be running, compensating, completed, compensated, stuck or resolved",
  },
);

export const saga = z
  .object({
    id: z.string().openapi({ description: "The authorization's" }),
    state: sagaState,
    step: z.enum(["reserve", "post", "confirm"]).openapi({ description: "The next to do, or to undo" }),
    pivoted: z.boolean().openapi({ description: "Posted: there is only forward" }),
    attempts: z.int(),
    stepDeadline: z.string(),
    nextAttemptAt: z.string(),
    lastError: z.string().nullable(),
    traceId: z
      .string()
      .nullable()
      .openapi({ description: "Of the request that began it; null where that is not known" }),
    requestId: z.string().nullable(),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .openapi("Saga");

export const sagaAction = z
  .object({
    action: z.enum(["retry", "compensate", "resolve"]),
    actor: z.string(),
    reason: z.string(),
    stateBefore: sagaState,
    stepBefore: z.string(),
    doneAt: z.string(),
  })
  .openapi("SagaAction");

export const listSagas = createRoute({
  method: "get",
  path: "/v1/sagas",
  tags,
  summary: "Sagas in a state, newest first",
  security: operator,
  request: {
    query: z.object({ state: inQuery(sagaState.default("stuck"), "state"), cursor: uuidCursor, limit }),
  },
  responses: {
    200: jsonAnswer("A page", z.object({ items: z.array(saga), nextCursor: z.string().nullable() })),
    ...problems(400, 401, 403, 429, 503),
  },
});

export const showSaga = createRoute({
  method: "get",
  path: "/v1/sagas/{saga_id}",
  tags,
  summary: "A saga, and what operators did to it",
  security: operator,
  request: { params: sagaPath },
  responses: {
    200: jsonAnswer("Found", saga.extend({ actions: z.array(sagaAction) })),
    ...problems(400, 401, 403, 404, 429, 503),
  },
});

export const sagaReason = z
  .strictObject({
    reason: z
      .string()
      .trim()
      .min(1, "must have 1 to 500 characters")
      .max(500, "must have 1 to 500 characters")
      .regex(/^[^\p{Cc}\p{Cs}]*$/u, "must have no control characters")
      .openapi({ pattern: "^[^\\p{Cc}\\p{Cs}]*$" }),
  })
  .openapi("SagaReason");

const act = <Action extends "retry" | "compensate" | "resolve">(action: Action, summary: string) =>
  createRoute({
    method: "post",
    path: `/v1/sagas/{saga_id}/${action}` as const,
    tags,
    summary,
    description:
      "The reason is kept. Its effect is bound to the saga's state: sent twice, the second is 409.",
    security: operator,
    request: { params: sagaPath, body: jsonBody(sagaReason) },
    responses: {
      200: jsonAnswer("Done", saga),
      ...problems(400, 401, 403, 404, 409, 413, 415, 422, 429, 503),
    },
  });

export const retrySaga = act("retry", "Let a stuck saga go on from where it is");
export const compensateSaga = act("compensate", "Give back what a saga has reserved, before it is posted");
export const resolveSaga = act("resolve", "Close a stuck saga that people have seen to by other means");
