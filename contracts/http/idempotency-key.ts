import { z } from "@hono/zod-openapi";

/** An `Idempotency-Key` that may be left out. */
export const idempotencyKey = z
  .string()
  .min(1)
  .max(255)
  .optional()
  .openapi({ param: { in: "header", description: "Repeats with the same key return the first answer" } });
