import { z } from "@hono/zod-openapi";

/** RFC 9457 problem details. */
export const problem = z
  .object({
    type: z.string().openapi({ example: "/problems/validation_failed" }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string(),
    code: z.string().openapi({ example: "validation_failed" }),
    requestId: z.string(),
    errors: z
      .array(z.object({ pointer: z.string().openapi({ example: "/amount" }), detail: z.string() }))
      .optional(),
  })
  .openapi("Problem");

const descriptions = {
  400: "Malformed: not JSON, a bad id, a bad or an unknown query parameter",
  401: "No or wrong credentials",
  403: "Another user's, or a role that lacks",
  404: "Unknown",
  408: "The body stopped arriving",
  409: "Conflicts with the present state",
  410: "Expired",
  412: "Changed meanwhile: read it again",
  413: "Body too large",
  415: "Not JSON",
  422: "Well-formed but invalid",
  426: "Not a request for a WebSocket",
  429: "Too many requests; see Retry-After",
  503: "Temporarily unavailable; see Retry-After",
} as const;

/** The problem answers of a route, for its OpenAPI description. */
export const problems = <Status extends keyof typeof descriptions>(...statuses: Status[]) =>
  Object.fromEntries(
    statuses.map((status) => [
      status,
      { description: descriptions[status], content: { "application/problem+json": { schema: problem } } },
    ]),
  ) as unknown as Record<
    Status,
    { description: string; content: { "application/problem+json": { schema: typeof problem } } }
  >;

export const jsonBody = <Schema extends z.ZodType>(schema: Schema) =>
  ({ required: true, content: { "application/json": { schema } } }) as const;

export const jsonAnswer = <Schema extends z.ZodType>(description: string, schema: Schema) =>
  ({ description, content: { "application/json": { schema } } }) as const;

/** An answer that says where to find what was made. */
export const madeAnswer = <Schema extends z.ZodType>(description: string, schema: Schema) =>
  ({ ...jsonAnswer(description, schema), headers: made }) as const;

const made = z.object({
  Location: z.string().openapi({ description: "The path of what was made; the same on a repeat" }),
});
