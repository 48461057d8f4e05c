import { hash } from "node:crypto";
import type { z } from "zod";
import { AppError } from "../../platform/errors/app-error.ts";
import type { AppContext } from "../../platform/http/create-app.ts";
import { readJsonText, requireValid } from "../../platform/http/read-json.ts";
import { requireUniqueMembers } from "../../platform/http/repeated-member.ts";
import { tracing } from "../../platform/http/tracing.ts";
import type { Tracing } from "../../platform/observability/trace-ids.ts";
import { parseByDigits } from "../domain/read-digits.ts";
import { requireIdempotencyKey } from "./idempotency-key.ts";

/** The largest is a thousand transfers with everything they may have. */
const MAX_BODY_BYTES = 1_024 * 1_024;

/** A request that moves money: its body, and what its key stands for. */
export type MoneyRequest<Body> = {
  body: Body;
  key: string;
  hash: string;
  requestId: string;
  instance: string;
  /** What its events carry along. */
  headers: Tracing;
};

/**
 * Reads a body in which amounts are taken by their digits, and the Idempotency-Key that every such request needs.
 * @throws AppError as `requireIdempotencyKey` and `readJson` do
 */
export const readMoneyRequest = async <Schema extends z.ZodType>(
  c: AppContext,
  schema: Schema,
): Promise<MoneyRequest<z.output<Schema>>> => {
  const key = requireIdempotencyKey(c);
  const { text, body } = await readMoneyBody(c, schema);
  const { path, method } = c.req;
  return {
    body,
    key,
    hash: hash("sha256", `${method} ${path}\n${text}`),
    requestId: c.var.requestId,
    instance: path,
    headers: tracing(c),
  };
};

/** The same without a key, for what moves nothing. @throws AppError as `readJson` does */
export const readMoneyBody = async <Schema extends z.ZodType>(
  c: AppContext,
  schema: Schema,
): Promise<{ text: string; body: z.output<Schema> }> => {
  const text = await readJsonText(c, MAX_BODY_BYTES);
  const json = parse(text);
  requireUniqueMembers(text, json);
  return { text, body: requireValid(schema, json) };
};

const parse = (text: string): unknown => {
  try {
    return parseByDigits(text);
  } catch {
    throw new AppError(
      "malformed_json",
      text === "" ? "The body is empty: send at least {}" : "The body could not be parsed as JSON",
    );
  }
};
