import { expect, onTestFinished, test, vi } from "vitest";
import { settle } from "./settle.ts";

const looking = (...looks: (string[] | Error)[]) => {
  let count = 0;
  return {
    count: () => count,
    look: () => {
      const found = looks[Math.min(count++, looks.length - 1)]!;
      return found instanceof Error ? Promise.reject(found) : Promise.resolve(found);
    },
  };
};
const never = new AbortController().signal;
// However busy the machine is, where nothing is to be given up; and the shortest time where it is.
const quick = { stopping: never, everyMs: 1, patienceMs: 60_000, onFindings: () => {} };
const impatient = { ...quick, patienceMs: 40 };

test("it looks until nothing is wrong", async () => {
  const { look, count } = looking(["a", "b"], ["b"], []);
  expect(await settle({ ...quick, look })).toEqual([]);
  expect(count()).toBe(3);
});

test("what stays wrong is returned when patience is over", async () => {
  expect(await settle({ ...impatient, look: looking(["a", "b"], ["b"]).look })).toEqual(["b"]);
});

test("as long as it gets better it goes on, however long that takes in all", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  onTestFinished(() => void vi.useRealTimers());
  const looks = Array.from({ length: 40 }, (_, i) => Array.from<string>({ length: 40 - i }).fill("late"));
  const { look } = looking(...looks, []);
  // Each look takes nearly all of the patience.
  const slowly = () => {
    vi.setSystemTime(Date.now() + 39);
    return look();
  };
  expect(await settle({ ...impatient, look: slowly })).toEqual([]);
});

test("a database that is away for a moment is asked again", async () => {
  expect(await settle({ ...quick, look: looking(new Error("away"), []).look })).toEqual([]);
});

test("a database that stays away is an error, not a clean result", async () => {
  await expect(settle({ ...impatient, look: looking(["a"], new Error("away")).look })).rejects.toThrow(
    "away",
  );
});

test("when told to stop it returns what it knows", async () => {
  const options = { ...quick, patienceMs: 60_000, stopping: AbortSignal.abort() };
  expect(await settle({ ...options, look: looking(["a"]).look })).toEqual(["a"]);
});
