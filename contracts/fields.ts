import { z } from "@hono/zod-openapi";

// PostgreSQL text takes neither NUL nor half a surrogate pair; other control characters have no business in a name.
const plainText = /^[^\p{Cc}\p{Cs}]{1,64}$/u;
// Spelt out for the API's description, which would otherwise show the flag as a part of the pattern.
const pattern = plainText.source;

export const userId = z.uuid("must be a UUID").openapi({ example: "0199a3c4-7d2e-7b4a-9c1d-2f6f8e5a1b3c" });

/** Chosen by the client so that a re-send has one effect; at most 64 characters. */
export const eventId = z
  .string()
  .regex(plainText, "must have 1 to 64 characters, none of them control characters")
  .openapi({ example: "order-8841", pattern });

export const label = (example: string) =>
  z
    .string()
    .regex(plainText, "must have 1 to 64 characters, none of them control characters")
    .openapi({ example, pattern });

/** ISO 4217 code. */
export const currency = z
  .string()
  .regex(/^[A-Z]{3}$/, "must be an ISO 4217 code such as USD")
  .openapi({ example: "USD" });

/**
 * A positive amount with at most 11 digits before the point and 4 after it: 15 in all, which a JSON number carries
 * without loss, so that its shortest decimal form is what the client wrote.
 */
export const amount = z
  .number("must be a number")
  .positive({ error: "must be greater than 0", abort: true })
  .refine(
    (value) => /^\d{1,11}(\.\d{1,4})?$/.test(String(value)),
    "must have at most 11 digits before the point and 4 after it",
  )
  .openapi({ example: 129.9 });

/** A metric of an emotion, 0 to 1. */
export const metric = z
  .number("must be a number")
  .min(0, "must be at least 0")
  .max(1, "must be at most 1")
  .openapi({ example: 0.72 });
