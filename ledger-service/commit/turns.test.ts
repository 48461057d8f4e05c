import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { createTurns } from "./turns.ts";

const limits = { atOnce: 3, mostWaiting: 2 };

/** Works that go on until they are told to end, by name. */
const startWorks = () => {
  const turns = createTurns(limits);
  const running = new Map<string, PromiseWithResolvers<void>>();
  const take = (caller: string | null, name: string): Promise<string> =>
    turns.take(caller, async () => {
      const end = Promise.withResolvers<void>();
      running.set(name, end);
      await end.promise;
      running.delete(name);
      return name;
    });
  const end = async (name: string): Promise<void> => {
    running.get(name)!.resolve();
    await turn();
  };
  return { take, end, running: () => [...running.keys()] };
};

test("one caller's works go on one after the other, and leave the rest to others", async () => {
  const { take, end, running } = startWorks();
  const all = [take("ada", "a1"), take("ada", "a2"), take("bob", "b1"), take("cem", "c1"), take("dov", "d1")];
  await turn();
  expect(running()).toEqual(["a1", "b1", "c1"]);
  await end("b1");
  expect(running()).toEqual(["a1", "c1", "d1"]);
  await end("a1");
  expect(running()).toEqual(["c1", "d1", "a2"]);
  for (const name of ["a2", "c1", "d1"]) await end(name);
  expect(await Promise.all(all)).toEqual(["a1", "a2", "b1", "c1", "d1"]);
});

test("nobody in particular is held back by their number alone", async () => {
  const { take, running } = startWorks();
  for (const name of ["1", "2", "3", "4", "5", "6", "7"]) void take(null, name);
  await turn();
  expect(running()).toEqual(["1", "2", "3"]);
});

test("a caller of whom too many wait is told to come again, and nobody else", async () => {
  const { take, running } = startWorks();
  for (const name of ["a1", "a2", "a3"]) void take("ada", name);
  await expect(take("ada", "a4")).rejects.toMatchObject({ code: "rate_limited", retryAfter: 1 });
  void take("bob", "b1");
  await turn();
  expect(running()).toEqual(["a1", "b1"]);
});

test("what fails ends its turn too", async () => {
  const turns = createTurns({ atOnce: 1, mostWaiting: 2 });
  const failed = turns.take("ada", () => Promise.reject(new Error("lost")));
  const after = turns.take("ada", async () => "done");
  await expect(failed).rejects.toThrow("lost");
  expect(await after).toBe("done");
});
