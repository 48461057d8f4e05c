import { z } from "@hono/zod-openapi";
import { utcTime } from "../times.ts";

/**
 * Of an authorization that is captured automatically. On `authorization.reversed` (given back) and
 * `authorization.stuck` (people must look) `reason` is a code or null; on `authorization.retried`,
 * `authorization.compensating` and `authorization.resolved` an operator has said so, and it is what they wrote.
 */
export const sagaEvent = z.object({
  authorizationId: z.uuid(),
  userId: z.uuid(),
  accountId: z.uuid(),
  /** What was reserved, as a decimal text. */
  amount: z.string(),
  currency: z.string(),
  referenceId: z.string().nullable(),
  /** Which the saga was at. */
  step: z.enum(["reserve", "post", "confirm"]),
  reason: z.string().nullable(),
  occurredAt: utcTime,
});
