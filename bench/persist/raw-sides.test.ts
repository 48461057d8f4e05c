import { expect, test } from "vitest";
import { readPgbench } from "./raw-sides.ts";

test("pgbench's count and rate are read, and output without them is refused", () => {
  const said = [
    "number of transactions actually processed: 1540",
    "latency average = 2.6 ms",
    "tps = 770.000000 (without initial connection time)",
  ];
  expect(readPgbench(said.join("\n"))).toEqual({ count: 1540, seconds: 2 });
  expect(() => readPgbench("pgbench: error: connection refused")).toThrow("connection refused");
});
