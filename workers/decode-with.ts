import type { z } from "zod";
import { fieldErrors } from "../platform/errors/field-errors.ts";
import { causeOf } from "../platform/messaging/cause.ts";
import type { Caused } from "../platform/messaging/cause.ts";
import type { Decode } from "../platform/messaging/delivery.ts";

/** Reads events by their schema. What is wrong is named by field; values are never repeated. */
export const decodeWith =
  <Schema extends z.ZodType>(schema: Schema): Decode<z.output<Schema>> =>
  (json) => {
    const result = schema.safeParse(json);
    if (result.success) return result.data;
    const complaints = fieldErrors(result.error).map(({ pointer, detail }) => `${pointer} ${detail}`);
    throw Object.assign(new Error(complaints.join("; ")), { name: "InvalidEvent" });
  };

/** The same, with what the event was caused by: for events that are few, since it takes reading their headers. */
export const decodeWithCause = <Schema extends z.ZodType<object>>(
  schema: Schema,
): Decode<Caused<z.output<Schema>>> => {
  const decode = decodeWith(schema);
  return (json, delivery) => {
    const cause = causeOf(delivery);
    return { ...decode(json, delivery), ...(cause && { cause }) };
  };
};
