import { isUtf8 } from "node:buffer";
import { setImmediate as nextTurn } from "node:timers/promises";
import { BATCH_LIMITS } from "../../contracts/http/telemetry-batches.ts";
import { AppError } from "../../platform/errors/app-error.ts";
import { invalidBody } from "../../platform/errors/invalid-body.ts";
import { CLOSE } from "../../platform/http/read-body.ts";
import { isDeeperThan } from "../domain/nesting.ts";
import { splitElements } from "../domain/split-elements.ts";
import type { Element } from "../domain/split-elements.ts";
import type { HeldBytes } from "./array-budget.ts";

/** An element as JSON says it, or why it was not parsed. */
export type ArrayElement = { json: unknown } | Exclude<Element, string>;

/**
 * Reads a body that is one JSON array, whole, and hands over its elements. They are parsed one by one, and none that is
 * too large or too deep: no body keeps other requests waiting for long.
 * @throws AppError malformed_json, validation_failed or body_too_large, before anything was published
 */
export const readArray = async (chunks: AsyncIterable<Buffer>, held: HeldBytes): Promise<ArrayElement[]> => {
  const parts: Buffer[] = [];
  for await (const chunk of chunks) {
    held.take(chunk.length);
    parts.push(chunk);
  }
  const text = textOf(Buffer.concat(parts));
  const elements = splitElements(text, LIMITS, tooManyEvents);
  if (!elements) throw noArray(text);
  const parsed: ArrayElement[] = [];
  let pace = 0;
  for (const element of elements) {
    parsed.push(typeof element === "string" ? { json: parse(element) } : element);
    pace += typeof element === "string" ? element.length : 0;
    if (pace < BREATH_EVERY_CHARACTERS) continue;
    pace = 0;
    await nextTurn();
  }
  return parsed;
};

const LIMITS = {
  maxBytes: BATCH_LIMITS.eventBytes,
  maxDepth: BATCH_LIMITS.depth,
  maxElements: BATCH_LIMITS.events,
};
const BREATH_EVERY_CHARACTERS = 128 * 1_024;

const textOf = (body: Buffer): string => {
  if (body.length === 0) throw new AppError("malformed_json", "The body is empty");
  if (!isUtf8(body)) throw malformed();
  return body.toString("utf8");
};

const parse = (json: string): unknown => {
  try {
    return JSON.parse(json);
  } catch {
    throw malformed();
  }
};

// A single event is told what is missing around it; of what is larger it does not matter what it is.
const noArray = (text: string): AppError => {
  if (text.length <= BATCH_LIMITS.eventBytes && !isDeeperThan(BATCH_LIMITS.depth, text)) parse(text);
  return /^[ \t\r\n]*\[/.test(text) ? malformed() : invalidBatch("must be an array of events");
};

const malformed = (): AppError =>
  new AppError("malformed_json", "The body could not be parsed as JSON in UTF-8");

export const tooManyEvents = (): AppError =>
  new AppError("body_too_large", `The body may hold at most ${BATCH_LIMITS.events} events`, CLOSE);

export const tooManyBlank = (): AppError =>
  new AppError("body_too_large", `The body may hold at most ${BATCH_LIMITS.events} blank lines`, CLOSE);

/** The body as a whole breaks a rule. */
export const invalidBatch = (detail: string): AppError => invalidBody({ pointer: "", detail });
