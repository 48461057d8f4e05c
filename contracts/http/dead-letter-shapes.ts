import { z } from "@hono/zod-openapi";
import { userId } from "../fields.ts";
import { moment } from "../times.ts";
import { plain } from "./request-fields.ts";

// Of a stream, a consumer, an error class.
export const name = plain(200);

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

export const replayRequest = z.strictObject({ reason: reason.optional() }).openapi("DeadLetterReplayRequest");

export const discardRequest = z.strictObject({ reason }).openapi("DeadLetterDiscard");
