import type { Arrival } from "./reading.ts";

// What nearly all clients write. Each takes only what the schema takes, and takes it as it is, so that it may stand in
// a line of JSON as it came: property tests hold the two together.
const LOWERCASE_UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
/** Printable ASCII without what JSON escapes. */
const PLAIN_TEXT = /^[ !#-[\]-~]{1,64}$/;
/** A moment in UTC as `toISOString` writes it; the 29th of February is left to the schema. */
const PLAIN_TIME =
  /^\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8]))T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

export const isPlainId = (value: unknown): value is string =>
  typeof value === "string" && LOWERCASE_UUID.test(value);

export const isPlainText = (value: unknown): value is string =>
  typeof value === "string" && PLAIN_TEXT.test(value);

/** A moment that can be taken. Of the same form, the order of texts is the order of times. */
export const isPlainTime = (value: unknown, { oldest, newest }: Arrival): value is string =>
  typeof value === "string" && PLAIN_TIME.test(value) && value >= oldest && value <= newest;
