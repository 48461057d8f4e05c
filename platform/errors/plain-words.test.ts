import { expect, test } from "vitest";
import { z } from "zod";
import { fieldErrors } from "./field-errors.ts";

const complaint = (schema: z.ZodType, value: unknown) =>
  fieldErrors(schema.safeParse(value).error!).map(({ pointer, detail }) => `${pointer} ${detail}`);

test.each<[z.ZodType, unknown, string]>([
  [z.string(), 5, "must be a text"],
  [z.number(), "5", "must be a number"],
  [z.int(), 5.5, "must be a whole number"],
  [z.boolean(), "yes", "must be true or false"],
  [z.array(z.string()), "a", "must be a list"],
  [z.object({}), [], "must be an object"],
  [z.string().max(3), "abcd", "must have at most 3 characters"],
  [z.string().min(1), "", "must not be empty"],
  [z.array(z.int()).max(1), [1, 2], "must have at most 1"],
  [z.number().max(10_000), 10_001, "must be at most 10000"],
  [z.number().min(2), 1, "must be at least 2"],
  [z.literal("persisted"), "sure", "must be persisted"],
  [z.enum(["a", "b"]), "c", "must be a or b"],
  [z.union([z.string(), z.number()]), null, "must be a text or a number"],
  [z.union([z.object({ a: z.string() }), z.string()]), { a: 1 }, "is not what can be taken here"],
  [z.email(), "x", "is not what can be taken here"],
  [z.string("must have a name"), 5, "must have a name"],
])("a schema without words of its own is explained in ours: %#", (schema, value, detail) => {
  expect(complaint(z.object({ field: schema }), { field: value })).toEqual([`/field ${detail}`]);
});

test.each<[z.ZodType, object, string]>([
  [z.string(), {}, "is needed, and must be a text"],
  [z.string(), { field: null }, "must be a text"],
  [z.string("must have a name"), {}, "is needed, and must have a name"],
  [z.enum(["a", "b"]), {}, "is needed, and must be a or b"],
  [z.union([z.string(), z.number()]), {}, "is needed, and must be a text or a number"],
  [z.object({ inner: z.number() }), { field: {} }, "is needed, and must be a number"],
  [z.unknown().refine(() => false, "is given together with another"), {}, "is given together with another"],
])("what is not there is told apart from what is wrong: %#", (schema, value, detail) => {
  const [error] = fieldErrors(z.object({ field: schema }).safeParse(value).error!, value);
  expect(error!.detail).toBe(detail);
});

test("unknown fields are named one by one", () => {
  expect(complaint(z.strictObject({}), { a: 1, "b/c": 2 })).toEqual([
    "/a Unknown field",
    "/b~1c Unknown field",
  ]);
});
