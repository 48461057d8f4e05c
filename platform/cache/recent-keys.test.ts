import { expect, test } from "vitest";
import { createRecentKeys } from "./recent-keys.ts";

test("the oldest key goes when there are too many, and adding one again makes it no younger", () => {
  const keys = createRecentKeys(2);
  for (const key of ["a", "b", "a", "c"]) keys.add(key);
  expect(["a", "b", "c"].map(keys.has)).toEqual([false, true, true]);
});
