import { expect, test } from "vitest";
import { inParallel } from "./in-parallel.ts";

test("every item is worked on once, in order, and never more at a time than there are lanes", async () => {
  const begun: number[] = [];
  let busy = 0;
  let most = 0;
  await inParallel(Array(50).keys(), 4, async (item) => {
    begun.push(item);
    most = Math.max(most, ++busy);
    await new Promise((resolve) => setTimeout(resolve, 1));
    busy--;
  });
  expect(begun).toEqual([...Array(50).keys()]);
  expect(most).toBe(4);
});

test("an error is not swallowed", async () => {
  const work = (item: number) => (item === 3 ? Promise.reject(new Error("no")) : Promise.resolve());
  await expect(inParallel([1, 2, 3, 4], 2, work)).rejects.toThrow("no");
});
