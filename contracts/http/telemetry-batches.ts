import { createRoute, z } from "@hono/zod-openapi";
import { jsonAnswer, problems } from "./problem.ts";
import { EVENT_BODY_LIMIT, emotionBody, transactionBody } from "./telemetry.ts";

const MIB = 1_024 * 1_024;

/** What one request may bring. Sizes in bytes, of the body as it is sent and again when it is decompressed. */
export const BATCH_LIMITS = {
  events: 10_000,
  /** NDJSON is dealt with as it streams in. */
  streamedBytes: 16 * MIB,
  /** A JSON array is read whole before anything is published. */
  arrayBytes: 4 * MIB,
  eventBytes: EVENT_BODY_LIMIT,
  /** Levels of arrays and objects in one event. */
  depth: 16,
  /** How many times its size a compressed body may become, where it becomes large; events alike but for a number reach 140. */
  inflation: 250,
} as const;

export const NDJSON_TYPES = ["application/x-ndjson", "application/ndjson", "application/jsonl"] as const;
export const BATCH_ENCODINGS = ["gzip", "br", "zstd"] as const;

const result = z
  .object({
    id: z.string().nullable().openapi({ description: "The event id; null where none could be read" }),
    status: z.enum(["accepted", "duplicate", "rejected", "retry"]),
    persisted: z.boolean().optional().openapi({
      description: "With wait=persisted, of an accepted event: whether the database has committed it",
    }),
    code: z.string().optional().openapi({ example: "validation_failed" }),
    pointer: z.string().optional().openapi({
      description: "Where it is wrong, in the array of the request's events",
      example: "/3/amount",
    }),
    reason: z.string().optional(),
  })
  .openapi("EventResult");

const answer = z
  .object({
    status: z.literal("events received"),
    traceId: z.string(),
    accepted: z.int(),
    duplicate: z.int(),
    rejected: z.int(),
    retry: z.int(),
    results: z.array(result).openapi({ description: "One for each event, in their order" }),
  })
  .openapi("BatchAnswer");

/** How long `wait=persisted` waits for the database, counted from the end of the body, in ms. */
const WAIT_LIMITS = { defaultMs: 5_000, mostMs: 10_000 } as const;

export const batchQuery = z.object({
  wait: z.enum(["persisted"]).optional(),
  deadlineMs: z.coerce
    .number()
    .int()
    .min(1)
    .max(WAIT_LIMITS.mostMs)
    .default(WAIT_LIMITS.defaultMs)
    .openapi({ description: "How long to wait for the database, from the end of the body on" }),
});

const DESCRIPTION = `A JSON array, or one event a line (NDJSON), plain or compressed (${BATCH_ENCODINGS.join(", ")}): at most ${BATCH_LIMITS.events} events of ${BATCH_LIMITS.eventBytes} bytes each; ${BATCH_LIMITS.streamedBytes / MIB} MiB in all, an array ${BATCH_LIMITS.arrayBytes / MIB} MiB. An event has at most ${BATCH_LIMITS.depth} levels of nesting, a body no more blank lines than it may have events, and a compressed body becomes at most ${BATCH_LIMITS.inflation} times as large.

202 tells what became of each event: \`accepted\` is stored by the broker, \`duplicate\` repeats an earlier one, \`rejected\` breaks a rule (see \`code\`, \`pointer\`, \`reason\`) and will never be taken as it is, \`retry\` could not be stored just now. A bad event hinders no other. 503 only when nothing could be stored.

With \`wait=persisted\` the answer comes after the database has committed the events: 200 when it has committed all that were accepted, and \`duplicate\` then also means that an event had been stored before this request; 202 when the deadline came first, and \`persisted\` tells which.

NDJSON is published as it streams in: 400, 408 and 413 carry the \`results\` of what came before. An array is checked whole first: they then change nothing.`;

const bodyOf = (event: z.ZodType) => ({
  required: true,
  content: {
    "application/json": { schema: z.array(event).min(1).max(BATCH_LIMITS.events) },
    [NDJSON_TYPES[0]]: { schema: z.string().openapi({ description: "One event a line" }) },
  },
});

const batchRoute = <Path extends string>(options: {
  path: Path;
  summary: string;
  security: Record<string, string[]>[];
  event: z.ZodType;
}) =>
  createRoute({
    method: "post",
    path: options.path,
    tags: ["Telemetry"],
    summary: options.summary,
    description: DESCRIPTION,
    security: options.security,
    request: { query: batchQuery, body: bodyOf(options.event) },
    responses: {
      200: jsonAnswer("With wait=persisted: everything that was accepted is in the database", answer),
      202: jsonAnswer("What became of each event", answer),
      ...problems(400, 401, 403, 408, 413, 415, 422, 429, 503),
    },
  });

export const sendEmotionBatch = batchRoute({
  path: "/v1/emotions/batch",
  summary: "Send many emotion events",
  security: [{ internalKey: [] }, { bearer: [] }],
  event: emotionBody,
});

export const sendTransactionBatch = batchRoute({
  path: "/v1/transactions/batch",
  summary: "Send many transaction events",
  security: [{ bearer: [] }],
  event: transactionBody,
});
