import type { IncomingMessage } from "node:http";
import { AppError } from "../../platform/errors/app-error.ts";

const IDEMPOTENCY_KEY = "idempotency-key";
// How Node puts headers of one name together.
const JOINT = ", ";

/**
 * A key that is there twice, from a client and from its library, say, would be a third one that neither of them means: a
 * repeat with one of the two would be done again.
 * @throws AppError invalid_header
 */
export const checkHeaders = (incoming: IncomingMessage): void => {
  if (!incoming.headers[IDEMPOTENCY_KEY]?.includes(JOINT)) return;
  if (incoming.headersDistinct[IDEMPOTENCY_KEY]!.length === 1) return;
  throw new AppError("invalid_header", `Repeated header: ${IDEMPOTENCY_KEY}`, {
    errors: [{ pointer: `/${IDEMPOTENCY_KEY}`, detail: "must be given once" }],
  });
};
