import { bodyLimit } from "hono/body-limit";
import type { MiddlewareHandler } from "hono";
import { AppError } from "../../platform/errors/app-error.ts";
import type { HttpEnv } from "../../platform/http/create-app.ts";
import { readUtf8, requireJsonType } from "../../platform/http/read-json.ts";

/** No body of this service is anywhere near it. */
export const MAX_BODY_BYTES = 16 * 1_024;

const limit = bodyLimit({
  maxSize: MAX_BODY_BYTES,
  onError: () => {
    throw new AppError("body_too_large", `The body may have at most ${MAX_BODY_BYTES} bytes`);
  },
});

/** For routes that need a JSON body: another content type is 415, one too large 413, one not in UTF-8 400, unparsed. */
export const jsonOnly: MiddlewareHandler<HttpEnv>[] = [
  async (c, next) => {
    requireJsonType(c);
    await next();
  },
  limit,
  async (c, next) => {
    await readUtf8(c);
    await next();
  },
];
