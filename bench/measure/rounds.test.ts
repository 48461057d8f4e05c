import { expect, test } from "vitest";
import { interleave } from "./rounds.ts";
import type { Side } from "./sample.ts";

test("sides take turns, and every other round runs backwards", async () => {
  const order: string[] = [];
  const side = (name: string): Side => ({
    name,
    unit: "requests",
    prepare: async (round) => void order.push(`prepare ${name}${round}`),
    measure: async (round) => {
      order.push(`${name}${round}`);
      return { count: round, seconds: 1, cpu: {} };
    },
  });

  const samples = await interleave([side("a"), side("b")], 3);

  expect(order.filter((step) => !step.startsWith("prepare"))).toEqual(["a1", "b1", "b2", "a2", "a3", "b3"]);
  expect(order.slice(0, 2)).toEqual(["prepare a1", "a1"]);
  expect(samples.get("a")?.map((sample) => sample.count)).toEqual([1, 2, 3]);
  expect(samples.get("b")?.length).toBe(3);
});
