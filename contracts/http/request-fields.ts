import { z } from "@hono/zod-openapi";

// PostgreSQL takes no NUL, and a name has no use for the others.
export const plain = (longest: number) =>
  z
    .string()
    .regex(
      new RegExp(`^[^\\p{Cc}\\p{Cs}]{1,${longest}}$`, "u"),
      `must have 1 to ${longest} characters, none of them control characters`,
    )
    .openapi({ pattern: `^[^\\p{Cc}\\p{Cs}]{1,${longest}}$` });

export const uuid = z.uuid("must be a UUID").toLowerCase();

export const bearer = [{ bearer: [] }];
// For people who run the platform: a user's token is 403.
export const operator = [{ operator: [] }];

export const inQuery = <Schema extends z.ZodType>(schema: Schema, name: string): Schema =>
  schema.openapi({ param: { name, in: "query" } });

export const limit = inQuery(
  z
    .string()
    .regex(/^\d{1,9}$/, "must be a whole number of at most 9 digits")
    .transform(Number)
    .pipe(z.number().min(1, "must be at least 1").max(100, "must be at most 100"))
    .default(20),
  "limit",
);

/** Where what is listed has the versions of one account. */
export const versionCursor = inQuery(
  z
    .string()
    .regex(/^\d{1,18}$/, "must be a nextCursor of an earlier answer")
    .optional(),
  "cursor",
);

export const uuidCursor = inQuery(z.uuid("must be a nextCursor of an earlier answer").optional(), "cursor");
