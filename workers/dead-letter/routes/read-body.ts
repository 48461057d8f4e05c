import type { z } from "zod";
import type { AppContext } from "../../../platform/http/create-app.ts";
import { readJson } from "../../../platform/http/read-json.ts";

/** An edited event is the largest of bodies, and no event that intake takes is anywhere near it. */
export const MAX_BODY_BYTES = 256 * 1_024;

/** A body that may be left out altogether. @throws AppError as `readJson` does */
export const readOptionalJson = async <Schema extends z.ZodType>(
  c: AppContext,
  schema: Schema,
): Promise<z.output<Schema> | undefined> => {
  if ((await c.req.raw.clone().arrayBuffer()).byteLength === 0) return undefined;
  return readJson(c, schema, MAX_BODY_BYTES);
};
