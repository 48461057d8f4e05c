import { z } from "@hono/zod-openapi";
import { plain } from "./request-fields.ts";

export const reference = plain(128);
export const description = plain(256);

const DECIMAL = /^\d{1,15}(\.\d{1,4})?$/;

/**
 * An amount by its decimal digits. A JSON number arrives here as the text that the client wrote (see
 * ledger-service/domain/read-digits.ts), never as a float.
 */
const decimal = z
  .union([z.string(), z.number()], 'must be a decimal such as "12.50"')
  .transform(String)
  .refine((text) => DECIMAL.test(text), {
    error: "must be plain digits, at most 15 before the point and 4 after it",
    // One complaint is enough: what is no decimal is not "greater than 0" either.
    abort: true,
  })
  .openapi({
    type: "string",
    example: "12.50",
    description: "In the currency's major unit; a number is read by its digits",
  });

export const positiveMoney = decimal.refine((text) => /[1-9]/.test(text), "must be greater than 0");
export const money = decimal;

/** The body of what is said by its path alone. */
export const nothing = z.strictObject({}).openapi("Nothing");

const header = z
  .string()
  .min(1, "must have 1 to 255 characters")
  .max(255, "must have 1 to 255 characters")
  .optional()
  .openapi({
    param: { in: "header", required: true },
    description: "A repeat with the same key gets the first answer, byte for byte",
  });

/** Asked for by the services themselves, so that a missing one has an error code of its own. */
export const idempotencyHeaders = z.object({ "idempotency-key": header });
