import { describe, expect, test } from "vitest";
import { createBounded } from "./bounded.ts";
import { createPasswords } from "./passwords.ts";

describe("passwords", () => {
  test("match their own hash and no other", async () => {
    const passwords = await createPasswords();
    const hashed = await passwords.hash("correct-horse");
    expect(await passwords.matches(hashed, "correct-horse")).toBe(true);
    expect(await passwords.matches(hashed, "incorrect-horse")).toBe(false);
    expect(await passwords.matches(undefined, "correct-horse")).toBe(false);
  });
});

describe("bounded work", () => {
  test("runs so many at a time, lets so many wait, and turns the rest away", async () => {
    const bounded = createBounded({ running: 2, waiting: 3 });
    const gate = Promise.withResolvers<void>();
    let active = 0;
    let peak = 0;
    const task = async () => {
      peak = Math.max(peak, (active += 1));
      await gate.promise;
      active -= 1;
    };
    const outcomes = Promise.allSettled(Array.from({ length: 7 }, () => bounded(task)));
    gate.resolve();
    const settled = await outcomes;
    expect(settled.filter(({ status }) => status === "fulfilled")).toHaveLength(5);
    expect(settled.slice(5)).toMatchObject([
      { reason: { code: "service_unavailable" } },
      { reason: { code: "service_unavailable" } },
    ]);
    expect(peak).toBe(2);
    await bounded(task);
  });

  test("a failed task leaves its place", async () => {
    const bounded = createBounded({ running: 1, waiting: 0 });
    await expect(bounded(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await bounded(() => Promise.resolve(1))).toBe(1);
  });
});
