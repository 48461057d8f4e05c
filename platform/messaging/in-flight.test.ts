import { expect, test } from "vitest";
import { createInFlight } from "./in-flight.ts";

test("bulk waits its turn while half is used, and single events still find room", async () => {
  const inFlight = createInFlight({ lines: 10, bytes: 1_000 });
  inFlight.add(9, 10);
  const order: string[] = [];
  const [first, second] = ["first", "second"].map((name) =>
    inFlight.addInTurn(5, 10, 5_000).then((added) => {
      order.push(name);
      return added;
    }),
  );
  expect(inFlight.isFull(100)).toBe(false);
  inFlight.remove(4, 0);
  expect(inFlight.lines()).toBe(5);
  inFlight.remove(1, 0);
  expect(await first).toBe(true);
  expect([order, inFlight.lines()]).toEqual([["first"], 9]);
  inFlight.remove(5, 0);
  expect(await second).toBe(true);
  expect(inFlight.lines()).toBe(9);
});

test("who has waited too long is added if there is room at all, and else refused", async () => {
  const inFlight = createInFlight({ lines: 10, bytes: 1_000 });
  inFlight.add(6, 10);
  expect(await inFlight.addInTurn(4, 10, 1)).toBe(true);
  expect(await inFlight.addInTurn(1, 10, 1)).toBe(false);
  expect(inFlight.lines()).toBe(10);
});

test("bytes are counted as well as lines", async () => {
  const inFlight = createInFlight({ lines: 10, bytes: 1_000 });
  inFlight.add(1, 600);
  expect([inFlight.isFull(400), inFlight.isFull(401)]).toEqual([false, true]);
  expect(await inFlight.addInTurn(1, 401, 1)).toBe(false);
});
