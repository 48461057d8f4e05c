import type { z } from "zod";
import type { Decode } from "../platform/messaging/delivery.ts";

/** Reads events by their schema. What is wrong is named by field; values are never repeated. */
export const decodeWith =
  <Schema extends z.ZodType>(schema: Schema): Decode<z.output<Schema>> =>
  (json) => {
    const result = schema.safeParse(json);
    if (result.success) return result.data;
    const complaints = result.error.issues.map((issue) => `/${issue.path.join("/")} ${issue.message}`);
    throw Object.assign(new Error(complaints.join("; ")), { name: "InvalidEvent" });
  };
