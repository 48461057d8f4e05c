import type { z } from "zod";
import { AppError } from "../errors/app-error.ts";
import { fieldErrors } from "../errors/field-errors.ts";
import { invalidBody } from "../errors/invalid-body.ts";
import type { AppContext } from "./create-app.ts";
import { requireUniqueMembers } from "./repeated-member.ts";
import { requestHeader } from "./request-header.ts";

const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i;

/** @throws AppError unsupported_media_type when there is a body that does not call itself JSON, or is compressed */
export const requireJsonType = (c: AppContext): void => {
  const encoding = requestHeader(c, "content-encoding");
  if (encoding !== undefined && !/^(?:identity)?$/i.test(encoding.trim()))
    throw new AppError("unsupported_media_type", "Send the body as it is, without Content-Encoding", {
      // RFC 7694, section 3
      headers: { "accept-encoding": "identity" },
    });
  const type = requestHeader(c, "content-type");
  if (type !== undefined && JSON_TYPE.test(type)) return;
  const hasBody =
    requestHeader(c, "transfer-encoding") !== undefined ||
    Number(requestHeader(c, "content-length") ?? 0) > 0;
  if (hasBody || type !== undefined) {
    throw new AppError("unsupported_media_type", "Send the body as application/json", {
      headers: { "accept-post": "application/json" },
    });
  }
};

export type ReadOptions = {
  /** Of a member that is there twice the last counts, as it does where events are read without this. */
  lastCounts?: boolean;
};

/**
 * Reads and validates a JSON body.
 * @throws AppError unsupported_media_type, body_too_large, malformed_json or validation_failed (with JSON pointers)
 */
export const readJson = async <Schema extends z.ZodType>(
  c: AppContext,
  schema: Schema,
  maxBytes: number,
  { lastCounts = false }: ReadOptions = {},
): Promise<z.output<Schema>> => {
  const text = await readJsonText(c, maxBytes);
  const json = parseJson(text);
  if (!lastCounts) requireUniqueMembers(text, json);
  return requireValid(schema, json);
};

/** The same for a body that may be left out altogether: undefined. @throws AppError as `readJson` does */
export const readOptionalJson = async <Schema extends z.ZodType>(
  c: AppContext,
  schema: Schema,
  maxBytes: number,
): Promise<z.output<Schema> | undefined> => {
  if ((await c.req.arrayBuffer()).byteLength === 0) return undefined;
  return readJson(c, schema, maxBytes);
};

/** A JSON body before it is parsed. @throws AppError unsupported_media_type, body_too_large or malformed_json */
export const readJsonText = async (c: AppContext, maxBytes: number): Promise<string> => {
  requireJsonType(c);
  if (Number(requestHeader(c, "content-length") ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const text = await readUtf8(c);
  if (Buffer.byteLength(text) > maxBytes) throw tooLarge(maxBytes);
  return text;
};

/** Holds a parsed body to its schema. @throws AppError validation_failed, with JSON pointers */
export const requireValid = <Schema extends z.ZodType>(schema: Schema, json: unknown): z.output<Schema> => {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  throw invalidBody(...fieldErrors(result.error, json));
};

/**
 * The body as text. What is not UTF-8 is no JSON (RFC 8259, section 8.1); putting a replacement character in its place,
 * as decoders do by themselves, would make one id of two. Whoever reads the body afterwards finds it here.
 * @throws AppError malformed_json
 */
export const readUtf8 = async (c: AppContext): Promise<string> => {
  const bytes = await c.req.arrayBuffer();
  try {
    return utf8.decode(bytes);
  } catch {
    throw new AppError("malformed_json", "The body is not in UTF-8");
  }
};

// Asking the request for its text after its bytes would wrap them in a Response first: a tenth of a posting's time.
const utf8 = new TextDecoder("utf-8", { fatal: true });

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw new AppError(
      "malformed_json",
      text === "" ? "The body is empty" : "The body could not be parsed as JSON",
    );
  }
};

const tooLarge = (maxBytes: number): AppError =>
  new AppError("body_too_large", `The body may have at most ${maxBytes} bytes`);
