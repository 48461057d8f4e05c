import { AppError } from "../../platform/errors/app-error.ts";
import type { AppContext } from "../../platform/http/create-app.ts";

const LONGEST = 255;

/** The Idempotency-Key that money needs. @throws AppError idempotency_key_missing; invalid_header when it is too long */
export const requireIdempotencyKey = (c: AppContext): string => {
  const key = c.req.header("idempotency-key");
  if (key === undefined || key === "")
    throw new AppError(
      "idempotency_key_missing",
      `Send an Idempotency-Key: a text of your own, 1 to ${LONGEST} characters`,
    );
  if (key.length <= LONGEST) return key;
  throw new AppError("invalid_header", "Malformed header: idempotency-key", {
    errors: [{ pointer: "/idempotency-key", detail: `must have 1 to ${LONGEST} characters` }],
  });
};
