import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { createPool } from "./closed-loop.ts";
import { runOpenLoop } from "./open-loop.ts";
import type { RequestText } from "./protocol.ts";
import { constantRate } from "./schedule.ts";

const listen = async (server: Server): Promise<string> => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

const pool = () => createPool([{ method: "GET", path: "/", headers: {} } satisfies RequestText]);

test("requests are due evenly, each once, however late one looks", () => {
  const schedule = constantRate(1_000, 100, 0.05);
  expect(schedule.take(999)).toEqual([]);
  expect(schedule.take(1_015)).toEqual([1_000, 1_010]);
  expect(schedule.take(9_999)).toEqual([1_020, 1_030, 1_040]);
  expect(schedule.take(9_999)).toEqual([]);
});

test("as many requests are sent as the rate says, whether or not they are answered in between", async () => {
  const target = await listen(
    createServer((_request, response) => void setTimeout(() => response.end("late"), 100)),
  );
  const result = await runOpenLoop(
    { target, pool: "p", connections: 50, rate: 200, seconds: 0.2, expectedStatus: 200 },
    pool(),
  );
  expect(result.count).toBe(40);
  expect(result.unexpected).toEqual({});
});

test("a stall counts for every request that was due in it, not only for the one that met it", async () => {
  let stallUntil = 0;
  const target = await listen(
    createServer((_request, response) => {
      if (stallUntil === 0) stallUntil = performance.now() + 300;
      setTimeout(() => response.end("ok"), Math.max(0, stallUntil - performance.now()));
    }),
  );
  const result = await runOpenLoop(
    { target, pool: "p", connections: 1, rate: 100, seconds: 0.3, expectedStatus: 200 },
    pool(),
  );
  expect(result.count).toBe(30);
  // The median request was due in the middle of the stall: a closed loop would have seen one slow request of all.
  expect(result.p50Ms).toBeGreaterThan(100);
});

test("a connection that the server closes is replaced", async () => {
  const target = await listen(
    createServer((_request, response) => void response.setHeader("connection", "close").end("ok")),
  );
  const result = await runOpenLoop(
    { target, pool: "p", connections: 2, rate: 100, seconds: 0.2, expectedStatus: 200 },
    pool(),
  );
  expect(result.count).toBe(20);
});
