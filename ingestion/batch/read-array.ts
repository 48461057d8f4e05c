import { isUtf8 } from "node:buffer";
import { BATCH_LIMITS } from "../../contracts/http/telemetry-batches.ts";
import { AppError } from "../../platform/errors/app-error.ts";
import { invalidBody } from "../../platform/errors/invalid-body.ts";
import { CLOSE } from "../../platform/http/read-body.ts";
import type { HeldBytes } from "./array-budget.ts";

/**
 * Reads a body that is one JSON array, whole, and hands over its elements.
 * @throws AppError malformed_json, validation_failed or body_too_large, before anything was published
 */
export const readArray = async (chunks: AsyncIterable<Buffer>, held: HeldBytes): Promise<unknown[]> => {
  const parts: Buffer[] = [];
  for await (const chunk of chunks) {
    held.take(chunk.length);
    parts.push(chunk);
  }
  const value = parse(Buffer.concat(parts));
  if (!Array.isArray(value)) throw invalidBatch("must be an array of events");
  if (value.length > BATCH_LIMITS.events) throw tooManyEvents();
  return value;
};

const parse = (body: Buffer): unknown => {
  if (body.length === 0) throw new AppError("malformed_json", "The body is empty");
  try {
    if (isUtf8(body)) return JSON.parse(body.toString("utf8"));
  } catch {
    // Told below.
  }
  throw new AppError("malformed_json", "The body could not be parsed as JSON in UTF-8");
};

export const tooManyEvents = (): AppError =>
  new AppError("body_too_large", `The body may hold at most ${BATCH_LIMITS.events} events`, CLOSE);

/** The body as a whole breaks a rule. */
export const invalidBatch = (detail: string): AppError => invalidBody({ pointer: "", detail });
