import { createRoute, z } from "@hono/zod-openapi";
import { moment } from "../times.ts";
import {
  deadLetter,
  deadLetterStatus,
  deadLetterSummary,
  discardRequest,
  name,
  payload,
  payloadEdit,
  replayRequest,
} from "./dead-letter-shapes.ts";
import { jsonAnswer, jsonBody, problems } from "./problem.ts";
import { inQuery, limit, operator, uuid, uuidCursor } from "./request-fields.ts";

export const tags = ["Dead letters"];

const letterPath = z.object({
  letter_id: uuid.openapi({ param: { name: "letter_id", in: "path" } }),
});

const filterQuery = {
  stream: inQuery(name.optional(), "stream"),
  consumer: inQuery(name.optional(), "consumer"),
  errorClass: inQuery(name.optional(), "errorClass"),
  status: inQuery(deadLetterStatus.optional(), "status"),
  userId: inQuery(uuid.optional(), "userId"),
  from: inQuery(moment.optional(), "from"),
  to: inQuery(moment.optional(), "to"),
};

export const listDeadLetters = createRoute({
  method: "get",
  path: "/v1/dead-letters",
  tags,
  summary: "List dead letters, newest first",
  security: operator,
  request: {
    query: z.object({
      ...filterQuery,
      cursor: uuidCursor,
      limit,
    }),
  },
  responses: {
    200: jsonAnswer(
      "A page of dead letters",
      z.object({ items: z.array(deadLetterSummary), nextCursor: z.string().nullable() }),
    ),
    ...problems(400, 401, 403, 429, 503),
  },
});

export const groupDeadLetters = createRoute({
  method: "get",
  path: "/v1/dead-letter-groups",
  tags,
  summary: "Group dead letters by error, largest group first",
  security: operator,
  request: { query: z.object(filterQuery) },
  responses: {
    200: jsonAnswer(
      "At most 200 groups",
      z.object({
        items: z.array(
          z.object({
            stream: z.string(),
            consumer: z.string(),
            errorClass: z.string(),
            count: z.number(),
            users: z.number(),
            firstSeen: z.string(),
            lastSeen: z.string(),
            lastMessage: z.string(),
          }),
        ),
      }),
    ),
    ...problems(400, 401, 403, 429, 503),
  },
});

export const showDeadLetter = createRoute({
  method: "get",
  path: "/v1/dead-letters/{letter_id}",
  tags,
  summary: "Show one dead letter, its payload, headers and history",
  security: operator,
  request: { params: letterPath },
  responses: { 200: jsonAnswer("Found", deadLetter), ...problems(400, 401, 403, 404, 429, 503) },
});

export const editDeadLetter = createRoute({
  method: "put",
  path: "/v1/dead-letters/{letter_id}/payload",
  tags,
  summary: "Replace what a replay will publish",
  description:
    "Open letters only, else 409. An event that breaks its schema is 422 with a pointer for each fault.",
  security: operator,
  request: { params: letterPath, body: jsonBody(payloadEdit) },
  responses: {
    200: jsonAnswer("Edited", deadLetter),
    ...problems(400, 401, 403, 404, 409, 413, 415, 422, 429, 503),
  },
});

export const dryRunDeadLetter = createRoute({
  method: "get",
  path: "/v1/dead-letters/{letter_id}/dry-run",
  tags,
  summary: "Say what a replay would publish, and whether it would have an effect",
  security: operator,
  request: { params: letterPath },
  responses: {
    200: jsonAnswer(
      "Nothing was published",
      z.object({
        wouldPublish: z.boolean().openapi({ description: "False where the letter is settled or invalid" }),
        status: deadLetterStatus,
        subject: z.string(),
        messageId: z.string(),
        headers: z.record(z.string(), z.array(z.string())),
        payload,
        valid: z.boolean().nullable().openapi({ description: "Null where the subject's schema is unknown" }),
        errors: z.array(z.object({ pointer: z.string(), detail: z.string() })),
        alreadyStored: z.boolean().nullable().openapi({
          description:
            "True: the event's identity is stored already, a replay changes nothing. Null: cannot be told",
        }),
      }),
    ),
    ...problems(400, 401, 403, 404, 429, 503),
  },
});

export const idempotencyKey = z.object({
  "idempotency-key": z
    .string()
    .regex(/^[^\p{Cc}]{1,255}$/u, "must have 1 to 255 characters, none of them control characters")
    .optional()
    .openapi({
      pattern: "^[^\\p{Cc}]{1,255}$",
      param: { in: "header", description: "Repeats with the same key return the first answer" },
    }),
});

export const replayDeadLetter = createRoute({
  method: "post",
  path: "/v1/dead-letters/{letter_id}/replay",
  tags,
  summary: "Publish one dead letter again",
  description:
    "200 means that the broker has stored it. A letter that was replayed already is left alone, and one that breaks its schema is 422.",
  security: operator,
  request: {
    params: letterPath,
    headers: idempotencyKey,
    body: { required: false, content: { "application/json": { schema: replayRequest } } },
  },
  responses: {
    200: jsonAnswer(
      "Published, or published before",
      z.object({ id: z.string(), outcome: z.enum(["replayed", "already_replayed"]), messageId: z.string() }),
    ),
    ...problems(400, 401, 403, 404, 409, 413, 415, 422, 429, 503),
  },
});

export const discardDeadLetter = createRoute({
  method: "post",
  path: "/v1/dead-letters/{letter_id}/discard",
  tags,
  summary: "Settle one dead letter without replaying it",
  security: operator,
  request: { params: letterPath, headers: idempotencyKey, body: jsonBody(discardRequest) },
  responses: {
    200: jsonAnswer("Discarded", z.object({ id: z.string(), status: z.literal("discarded") })),
    ...problems(400, 401, 403, 404, 409, 413, 415, 422, 429, 503),
  },
});
