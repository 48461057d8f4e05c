import { AppError } from "../../platform/errors/app-error.ts";
import { errorCodes } from "../../platform/errors/error-codes.ts";
import type { ErrorCode } from "../../platform/errors/error-codes.ts";
import type { App } from "../../platform/http/create-app.ts";

/** What a client should do, where the title alone does not say. */
const ADVICE: Partial<Record<ErrorCode, string>> = {
  malformed_json: "Send a JSON document as the body, encoded as UTF-8.",
  invalid_path: "An id in the path is not a UUID: see errors.",
  invalid_query: "A query parameter is out of its range, unknown to the route or given twice: see errors.",
  unauthenticated: "Log in with POST /v1/auth/login and send the token as Authorization: Bearer.",
  invalid_token: "Log in again: the token has expired, or was not issued here.",
  invalid_internal_key: "Check the X-Internal-Key header; leave it out to use a bearer token.",
  forbidden: "A token acts for its own subject only; operators read, and act for no one.",
  method_not_allowed: "The Allow header names the methods that this path knows.",
  request_timeout: "Send the whole body without long pauses.",
  offer_not_open: "The offer was accepted, superseded or rejected: list the offers for its state.",
  offer_expired: "Ask for a new analysis to get a new offer.",
  body_too_large: "Send a smaller body; telemetry takes one event a request.",
  unsupported_media_type: "Send Content-Type: application/json.",
  validation_failed: "Mend the fields that errors points at (RFC 6901).",
  rate_limited: "Wait for Retry-After seconds, then go on more slowly.",
  bad_gateway: "The request may have taken effect: repeat it with the same eventId or Idempotency-Key.",
  service_unavailable: "Repeat after Retry-After seconds.",
  event_not_stored:
    "The event was not taken. Send it again, with the same eventId, after Retry-After seconds.",
  model_unavailable: "Ask again after Retry-After seconds; decisions already made are unaffected.",
  gateway_timeout: "The request may have taken effect: repeat it with the same eventId or Idempotency-Key.",
};

/** `/problems/{code}`: what the `type` of a problem document leads to. */
export const registerProblemPages = (app: App): void => {
  app.get("/problems", (c) => c.json({ items: (Object.keys(errorCodes) as ErrorCode[]).map(describe) }));
  app.get("/problems/:code", (c) => {
    const code = c.req.param("code");
    if (!Object.hasOwn(errorCodes, code)) throw new AppError("not_found", `No error has the code ${code}`);
    return c.json(describe(code as ErrorCode));
  });
};

const describe = (code: ErrorCode) => ({
  type: `/problems/${code}`,
  code,
  ...errorCodes[code],
  ...(ADVICE[code] && { advice: ADVICE[code] }),
});
