import { createRoute, z } from "@hono/zod-openapi";
import { deadLetterFilter, reason } from "./dead-letter-shapes.ts";
import { idempotencyKey, tags } from "./dead-letters.ts";
import { inQuery, limit, operator, uuid, uuidCursor } from "./request-fields.ts";
import { jsonAnswer, jsonBody, problems } from "./problem.ts";

const replayPath = z.object({
  replay_id: uuid.openapi({ param: { name: "replay_id", in: "path" } }),
});

export const REPLAY_LIMIT = 100_000;

export const bulkReplay = z
  .strictObject({
    filter: deadLetterFilter,
    ratePerSecond: z
      .int("must be a whole number")
      .min(1, "must be at least 1")
      .max(200, "must be at most 200")
      .default(10),
    limit: z
      .int("must be a whole number")
      .min(1, "must be at least 1")
      .max(REPLAY_LIMIT, `must be at most ${REPLAY_LIMIT}`)
      .default(1_000)
      .openapi({ description: "Most letters; the oldest come first" }),
    reason: reason.optional(),
  })
  .openapi("DeadLetterBulkReplay");

export const replayStatus = z.enum(["running", "finished", "cancelled"]);

export const bulkReplayProgress = z
  .object({
    id: z.string(),
    status: replayStatus,
    filter: deadLetterFilter,
    ratePerSecond: z.number(),
    actor: z.string(),
    reason: z.string().nullable(),
    total: z.number(),
    remaining: z.number(),
    replayed: z.number(),
    refused: z.number().openapi({ description: "Break their schema; still open" }),
    skipped: z.number().openapi({ description: "Settled by somebody else meanwhile" }),
    lastError: z.string().nullable().openapi({ description: "Why it is waiting" }),
    createdAt: z.string(),
    finishedAt: z.string().nullable(),
  })
  .openapi("DeadLetterReplayProgress");

export const startBulkReplay = createRoute({
  method: "post",
  path: "/v1/dead-letter-replays",
  tags,
  summary: "Replay every open dead letter that a filter matches, at a rate",
  description:
    "Runs in the background and survives restarts. Letters that arrive later, those that its own replays bring back among them, are not part of it.",
  security: operator,
  request: { headers: idempotencyKey, body: jsonBody(bulkReplay) },
  responses: {
    202: jsonAnswer("Running", bulkReplayProgress),
    ...problems(400, 401, 403, 409, 413, 415, 422, 429, 503),
  },
});

export const listBulkReplays = createRoute({
  method: "get",
  path: "/v1/dead-letter-replays",
  tags,
  summary: "List replays by filter, newest first",
  security: operator,
  request: {
    query: z.object({
      status: inQuery(replayStatus.optional(), "status"),
      cursor: uuidCursor,
      limit,
    }),
  },
  responses: {
    200: jsonAnswer(
      "A page of replays",
      z.object({ items: z.array(bulkReplayProgress), nextCursor: z.string().nullable() }),
    ),
    ...problems(400, 401, 403, 429, 503),
  },
});

export const showBulkReplay = createRoute({
  method: "get",
  path: "/v1/dead-letter-replays/{replay_id}",
  tags,
  summary: "How far a replay by filter has come",
  security: operator,
  request: { params: replayPath },
  responses: { 200: jsonAnswer("Found", bulkReplayProgress), ...problems(400, 401, 403, 404, 429, 503) },
});

export const cancelBulkReplay = createRoute({
  method: "post",
  path: "/v1/dead-letter-replays/{replay_id}/cancel",
  tags,
  summary: "End a replay by filter; what it has replayed stays replayed",
  description: "Without effect on one that has ended.",
  security: operator,
  request: { params: replayPath, headers: idempotencyKey },
  responses: { 200: jsonAnswer("Ended", bulkReplayProgress), ...problems(400, 401, 403, 404, 409, 429, 503) },
});
