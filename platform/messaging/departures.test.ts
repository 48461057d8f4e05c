import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createDepartures } from "./departures.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** How many departed at which millisecond. */
const station = () => {
  const departed: [number, number][] = [];
  let waiting = 0;
  const started = performance.now();
  const departSoon = createDepartures(
    () => {
      departed.push([performance.now() - started, waiting]);
      waiting = 0;
    },
    { everyMs: 3, enough: 4 },
  );
  const come = (count: number): void => {
    for (let n = 0; n < count; n += 1) {
      waiting += 1;
      departSoon();
    }
  };
  return { departed, come };
};

const endOfTurn = () => vi.advanceTimersByTimeAsync(0);

test("one that comes alone departs at the end of its turn, with whatever came in that turn", async () => {
  const { departed, come } = station();
  come(2);
  expect(departed).toEqual([]);
  await endOfTurn();
  expect(departed).toEqual([[0, 2]]);
  await vi.advanceTimersByTimeAsync(10);
  come(1);
  await endOfTurn();
  expect(departed).toEqual([
    [0, 2],
    [10, 1],
  ]);
});

test("soon after a departure, those of several turns depart together", async () => {
  const { departed, come } = station();
  come(1);
  await endOfTurn();
  come(1);
  await vi.advanceTimersByTimeAsync(1);
  come(1);
  await vi.advanceTimersByTimeAsync(1);
  come(1);
  await endOfTurn();
  expect(departed).toEqual([[0, 1]]);
  await vi.advanceTimersByTimeAsync(1);
  expect(departed).toEqual([
    [0, 1],
    [3, 3],
  ]);
});

test("enough wait for nothing, whether one turn brought them or several", async () => {
  const { departed, come } = station();
  come(1);
  await endOfTurn();
  come(4);
  await endOfTurn();
  come(2);
  await vi.advanceTimersByTimeAsync(1);
  come(3);
  await endOfTurn();
  expect(departed).toEqual([
    [0, 1],
    [0, 4],
    [1, 5],
  ]);
  await vi.advanceTimersByTimeAsync(10);
  expect(departed).toHaveLength(3);
});
