import { AppError } from "../../platform/errors/app-error.ts";
import type { BatchResults } from "./batch-results.ts";

/**
 * The result of every event.
 * @throws AppError event_not_stored when the broker took nothing of what it was given
 */
export const answerBatch = (results: BatchResults, traceId: string, status: 200 | 202): Response => {
  const counts = results.count();
  const retryAfter = results.retryAfter();
  if (counts.accepted === 0 && counts.retry > 0) {
    throw new AppError("event_not_stored", "No event could be stored: send them again", {
      retryAfter,
      extensions: { ...counts, results: parsed(results) },
    });
  }
  const head = JSON.stringify({ status: "events received", traceId, ...counts }).slice(0, -1);
  return new Response(`${head},"results":[${results.render().join()}]}`, {
    status,
    headers: {
      "content-type": "application/json",
      ...(counts.retry > 0 && { "retry-after": String(retryAfter) }),
    },
  });
};

/** The error that ended a request half-way, with what became of the events before it. */
export const withResults = (error: unknown, results: BatchResults): unknown => {
  if (!(error instanceof AppError) || results.size === 0) return error;
  return new AppError(error.code, error.message, {
    ...(error.errors && { errors: error.errors }),
    ...(error.retryAfter !== undefined && { retryAfter: error.retryAfter }),
    ...(error.headers && { headers: error.headers }),
    extensions: { ...error.extensions, ...results.count(), results: parsed(results) },
    cause: error,
  });
};

const parsed = (results: BatchResults): unknown[] => JSON.parse(`[${results.render().join()}]`) as unknown[];
