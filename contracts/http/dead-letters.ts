import { createRoute, z } from "@hono/zod-openapi";
import { userId } from "../fields.ts";
import { moment } from "../times.ts";
import { jsonAnswer, jsonBody, problems } from "./problem.ts";

// For people who run the platform: a user's token is 403.
export const operator = [{ operator: [] }];
export const tags = ["Dead letters"];

export const uuid = z.uuid("must be a UUID").toLowerCase();
const letterPath = z.object({
  letter_id: uuid.openapi({ param: { name: "letter_id", in: "path" } }),
});

// PostgreSQL text takes no NUL, and a name has no use for the others.
const name = z
  .string()
  .regex(/^[^\p{Cc}\p{Cs}]{1,200}$/u, "must have 1 to 200 characters, none of them control characters")
  .openapi({ pattern: "^[^\\p{Cc}\\p{Cs}]{1,200}$" });

export const deadLetterStatus = z.enum(["open", "replayed", "discarded"], {
  error: "must be open, replayed or discarded",
});

/** Which letters; all of what is given must hold. Times are those of the last failure. */
export const deadLetterFilter = z
  .strictObject({
    stream: name.optional(),
    consumer: name.optional(),
    errorClass: name.optional(),
    userId: userId.toLowerCase().optional(),
    from: moment.optional(),
    to: moment.optional(),
  })
  .openapi("DeadLetterFilter");

export type DeadLetterFilter = z.infer<typeof deadLetterFilter>;

export const inQuery = <Schema extends z.ZodType>(schema: Schema, name: string): Schema =>
  schema.openapi({ param: { name, in: "query" } });

const filterQuery = {
  stream: inQuery(name.optional(), "stream"),
  consumer: inQuery(name.optional(), "consumer"),
  errorClass: inQuery(name.optional(), "errorClass"),
  status: inQuery(deadLetterStatus.optional(), "status"),
  userId: inQuery(uuid.optional(), "userId"),
  from: inQuery(moment.optional(), "from"),
  to: inQuery(moment.optional(), "to"),
};

export const limit = inQuery(
  z
    .string()
    .regex(/^\d{1,9}$/, "must be a whole number of at most 9 digits")
    .transform(Number)
    .pipe(z.number().min(1, "must be at least 1").max(100, "must be at most 100"))
    .default(20),
  "limit",
);

export const deadLetterSummary = z
  .object({
    id: z.string(),
    status: deadLetterStatus,
    stream: z.string().openapi({ example: "TRANSACTIONS" }),
    consumer: z.string().openapi({ example: "transaction-processing" }),
    subject: z.string(),
    sequence: z.number().openapi({ description: "Of the message in its stream" }),
    line: z.number().openapi({ description: "Of the event in the message, from 0" }),
    errorClass: z.string().openapi({ example: "InvalidEvent" }),
    errorMessage: z.string(),
    attempts: z.number(),
    userId: z.string().nullable(),
    eventId: z.string().nullable(),
    edited: z.boolean(),
    replayOf: z
      .string()
      .nullable()
      .openapi({ description: "The letter whose replay failed again as this one" }),
    firstFailure: z.string(),
    lastFailure: z.string(),
    storedAt: z.string(),
  })
  .openapi("DeadLetterSummary");

export const payload = z
  .object({
    format: z.enum(["json", "text", "base64"]).openapi({ description: "What the bytes could be read as" }),
    content: z.unknown(),
    bytes: z.number(),
  })
  .openapi("DeadLetterPayload");

export const deadLetterAction = z
  .object({
    action: z.enum(["edit", "replay", "discard"]),
    actor: z.string().openapi({ description: "The operator's user id" }),
    reason: z.string().nullable(),
    before: z.unknown(),
    after: z.unknown(),
    replayId: z.string().nullable(),
    at: z.string(),
  })
  .openapi("DeadLetterAction");

export const deadLetter = deadLetterSummary
  .extend({
    payload: payload.openapi({ description: "What a replay publishes" }),
    originalPayload: payload.optional().openapi({ description: "As it came, where it was edited since" }),
    headers: z.record(z.string(), z.array(z.string())),
    actions: z.array(deadLetterAction),
  })
  .openapi("DeadLetter");

export const listDeadLetters = createRoute({
  method: "get",
  path: "/v1/dead-letters",
  tags,
  summary: "List dead letters, newest first",
  security: operator,
  request: {
    query: z.object({
      ...filterQuery,
      cursor: inQuery(z.uuid("must be a nextCursor of an earlier answer").optional(), "cursor"),
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

export const reason = z
  .string()
  .trim()
  .min(1, "must not be empty")
  .max(500, "must have at most 500 characters")
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, "must have no control characters")
  .openapi({ example: "the app sent amounts with a comma until 2.3.1", pattern: "^[^\\p{Cc}\\p{Cs}]*$" });

export const payloadEdit = z
  .strictObject({
    payload: z.record(z.string(), z.unknown(), "must be a JSON object").openapi({
      description: "The whole event as it shall be; held to the schema of its subject",
    }),
    reason: reason.optional(),
  })
  .openapi("DeadLetterEdit");

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

export const replayRequest = z.strictObject({ reason: reason.optional() }).openapi("DeadLetterReplayRequest");

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

export const discardRequest = z.strictObject({ reason }).openapi("DeadLetterDiscard");

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
