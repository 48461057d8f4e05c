import { expect, test } from "vitest";
import { inParallel } from "./in-parallel.ts";
import { createPace } from "./pace.ts";

test("turns come no faster than the rate, whoever asks", async () => {
  const turn = createPace(200, new AbortController().signal);
  const started = performance.now();
  await inParallel(Array.from({ length: 61 }), 16, turn);
  // 60 intervals of 5 ms, of which 50 ms may be caught up.
  expect(performance.now() - started).toBeGreaterThanOrEqual(245);
});

test("once the run is stopping there are no more turns, and nobody waits for one", async () => {
  const stop = new AbortController();
  const turn = createPace(0.01, stop.signal);
  expect(await turn()).toBe(true);
  const next = turn();
  stop.abort();
  expect(await next).toBe(false);
  expect(await turn()).toBe(false);
});
