import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import type { HttpBindings } from "@hono/node-server";
import { BATCH_LIMITS, batchQuery, sendEmotionBatch } from "../../contracts/http/telemetry-batches.ts";
import { AppError } from "../../platform/errors/app-error.ts";
import { fieldErrors } from "../../platform/errors/field-errors.ts";
import type { AppContext } from "../../platform/http/create-app.ts";
import { drainRequest } from "../../platform/http/drain-request.ts";
import { parametersOf, requireKnownQuery } from "../../platform/http/known-query.ts";
import { requireAnySender } from "../../platform/identity/authorize.ts";
import type { IntakeDeps } from "../deps.ts";
import { arrivalOf } from "../domain/reading.ts";
import type { ReadEvent } from "../domain/reading.ts";
import { createLineSplitter } from "../domain/split-lines.ts";
import { createArrayBudget } from "./array-budget.ts";
import type { HeldBytes } from "./array-budget.ts";
import { answerBatch, withResults } from "./answer-batch.ts";
import { batchFormat } from "./batch-format.ts";
import { createBatchIntake } from "./batch-intake.ts";
import type { BatchIntake } from "./batch-intake.ts";
import { bodyChunks, tooLarge } from "./body-chunks.ts";
import { createBundler } from "./bundler.ts";
import { invalidBatch, readArray, tooManyBlank } from "./read-array.ts";

export type BatchKind = { subject: string; read: ReadEvent };

// A little less than the gateway allows: this answer tells what became of the events before.
const BODY_IDLE_MS = 4_000;
const BODY_TOTAL_MS = 24_000;
const ARRAYS_AT_ONCE_BYTES = 32 * 1_024 * 1_024;

/**
 * Makes the handler of a batch route: every event is held to the rules of a single one, published with its neighbours,
 * and answered for by itself. NDJSON is published while it comes in, no faster than the broker stores it.
 */
export const createBatchReceiver = (deps: IntakeDeps, kind: BatchKind) => {
  const holdArray = createArrayBudget(ARRAYS_AT_ONCE_BYTES);

  return async (c: AppContext): Promise<Response> => {
    const body = bodyOf(c);
    const held = holdArray();
    try {
      return await receive(c, body, held, deps, kind);
    } catch (error) {
      await drainRequest(body);
      throw error;
    } finally {
      held.release();
    }
  };
};

const receive = async (
  c: AppContext,
  body: Readable,
  held: HeldBytes,
  { publisher, commits, now }: IntakeDeps,
  { subject, read }: BatchKind,
): Promise<Response> => {
  const { caller, requestId: traceId, traceparent } = c.var;
  requireAnySender(caller);
  const { wait, deadlineMs } = queryOf(c);
  const format = batchFormat(c.req.header("content-type"), c.req.header("content-encoding"));
  const maxBytes = format.kind === "array" ? BATCH_LIMITS.arrayBytes : BATCH_LIMITS.streamedBytes;
  if (Number(c.req.header("content-length") ?? 0) > maxBytes) throw tooLarge(maxBytes);

  const bundler = createBundler(publisher, {
    subject,
    traceparent,
    commits: wait === "persisted" ? commits : undefined,
  });
  const intake = createBatchIntake(read, arrivalOf(caller, now(), traceId), bundler);
  const limits = { maxBytes, idleMs: BODY_IDLE_MS, totalMs: BODY_TOTAL_MS };
  const chunks = bodyChunks(body, format.encoding, limits);
  try {
    if (format.kind === "array") await intake.takeElements(await readArray(chunks, held));
    else await takeStream(intake, chunks);
    if (intake.results.size === 0) throw invalidBatch("must hold at least one event");
  } catch (error) {
    // What came before the fault is with the broker, and the client has to know.
    await bundler.finish();
    await bundler.untilCommitted(AbortSignal.abort());
    throw withResults(error, intake.results);
  }
  const ended = performance.now();
  await bundler.finish();
  if (wait !== "persisted") return answerBatch(intake.results, traceId, 202);
  const left = Math.max(0, Math.round(deadlineMs - (performance.now() - ended)));
  await bundler.untilCommitted(AbortSignal.timeout(left));
  return answerBatch(intake.results, traceId, intake.results.settle() ? 200 : 202);
};

// Both batch routes take the same.
const TAKEN = parametersOf(sendEmotionBatch);

const queryOf = (c: AppContext) => {
  requireKnownQuery(TAKEN, c.req.url);
  const result = batchQuery.safeParse(c.req.query());
  if (result.success) return result.data;
  const errors = fieldErrors(result.error);
  const names = errors.map(({ pointer }) => pointer.slice(1)).join(", ");
  throw new AppError("invalid_query", `Malformed in the query: ${names}`, { errors });
};

const takeStream = async (intake: BatchIntake, chunks: AsyncIterable<Buffer>): Promise<void> => {
  const splitter = createLineSplitter(BATCH_LIMITS.eventBytes);
  for await (const chunk of chunks) {
    await intake.takeLines(splitter.feed(chunk));
    // They are no events, yet cost as much as short ones.
    if (splitter.blank > BATCH_LIMITS.events) throw tooManyBlank();
  }
  await intake.takeLines(splitter.end());
};

// Node's own stream; the web stream around it costs several times as much a chunk.
const bodyOf = (c: AppContext): Readable => {
  const { incoming } = (c.env ?? {}) as Partial<HttpBindings>;
  if (incoming) return incoming as Readable;
  const { body } = c.req.raw;
  return body ? Readable.fromWeb(body as ReadableStream) : Readable.from([]);
};
