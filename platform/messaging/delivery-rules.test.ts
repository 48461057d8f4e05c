import fc from "../../tests/harness/fast-check.ts";
import { expect, test } from "vitest";
import { createBatchGatherer } from "./batch-gatherer.ts";
import { classifyError } from "./classify-error.ts";
import { runIsolated } from "./isolate.ts";
import { cutIntoMessages } from "./line-gatherer.ts";
import type { PendingLine } from "./line-gatherer.ts";
import { splitLines } from "./ndjson.ts";
import { done } from "./outcome.ts";
import { retryBound, retryDelay } from "./retry-schedule.ts";
import { parseServers } from "./server-url.ts";

const failure = (code: string): Error => Object.assign(new Error(code), { code });

test("a retry waits between nothing and a bound that doubles up to the cap", () => {
  const schedule = { baseMs: 10_000, capMs: 300_000 };
  expect([1, 2, 3, 4, 5, 6, 7, 100].map((attempt) => retryBound(schedule, attempt))).toEqual([
    10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000, 300_000,
  ]);
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1_000 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (attempt, r) => {
        const delay = retryDelay(schedule, attempt, () => r);
        expect(delay).toBeGreaterThanOrEqual(0);
        expect(delay).toBeLessThanOrEqual(retryBound(schedule, attempt));
      },
    ),
  );
});

test("whatever the base and the cap, a bound never falls, never passes the cap, and doubles below it", () => {
  const schedules = fc.record({
    baseMs: fc.integer({ min: 1, max: 300_000 }),
    capMs: fc.integer({ min: 1, max: 600_000 }),
  });
  fc.assert(
    fc.property(schedules, fc.integer({ min: 1, max: 10_000 }), (schedule, attempt) => {
      const bound = retryBound(schedule, attempt);
      const next = retryBound(schedule, attempt + 1);
      expect(bound).toBeLessThanOrEqual(schedule.capMs);
      expect(next).toBe(Math.min(schedule.capMs, 2 * bound));
      expect(retryDelay(schedule, attempt, () => 0)).toBe(0);
      expect(retryDelay(schedule, attempt, () => 0.999_999)).toBeLessThanOrEqual(bound);
    }),
  );
});

test("cutting keeps every line in order and no message above a limit but a line that is alone", () => {
  const limits = { maxLines: 7, maxBytes: 100 };
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 150 })), (sizes) => {
      const lines = sizes.map((bytes, n): PendingLine => ({
        line: String(n),
        bytes,
        stored: () => {},
        failed: () => {},
      }));
      const messages = cutIntoMessages(lines, limits);
      expect(messages.flat()).toEqual(lines);
      for (const message of messages) {
        const bytes = message.reduce((sum, line) => sum + line.bytes, 0);
        expect(message.length).toBeGreaterThan(0);
        expect(message.length).toBeLessThanOrEqual(limits.maxLines);
        expect(bytes <= limits.maxBytes || message.length === 1).toBe(true);
      }
    }),
  );
});

test("whatever events are bad, exactly they are dead and all others are done", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 200 }), async (bad) => {
      const handled: number[] = [];
      const outcomes = await runIsolated(
        () => bad.map((isBad, n) => ({ isBad, n })),
        async (events) => {
          if (events.some(({ isBad }) => isBad)) throw failure("23514");
          handled.push(...events.map(({ n }) => n));
          return events.map(() => done);
        },
      );
      expect(outcomes.map(({ kind }) => kind)).toEqual(bad.map((isBad) => (isBad ? "dead" : "done")));
      expect(handled).toEqual(bad.flatMap((isBad, n) => (isBad ? [] : [n])));
    }),
  );
});

test("one bad event among 500 costs at most twenty calls", async () => {
  let calls = 0;
  await runIsolated(
    () => Array.from({ length: 500 }, (_, n) => n),
    async (events) => {
      calls += 1;
      if (events.includes(321)) throw failure("22P02");
      return events.map(() => done);
    },
  );
  expect(calls).toBeLessThanOrEqual(20);
});

test("a lost connection isolates nothing: the batch comes back whole", async () => {
  let calls = 0;
  const handle = (): Promise<never> => {
    calls += 1;
    return Promise.reject(failure("CONNECTION_CLOSED"));
  };
  await expect(runIsolated(() => [1, 2, 3], handle)).rejects.toMatchObject({ code: "CONNECTION_CLOSED" });
  expect(calls).toBe(1);
});

test("an error of unknown cause is retried, not buried", async () => {
  const outcomes = await runIsolated(
    () => [1],
    () => Promise.reject(new TypeError("oops")),
  );
  expect(outcomes).toMatchObject([{ kind: "retry", reason: "oops", errorClass: "TypeError" }]);
});

test.each([
  ["ECONNREFUSED", "transient"],
  ["CONNECT_TIMEOUT", "transient"],
  ["57P01", "transient"],
  ["40P01", "transient"],
  ["53100", "transient"],
  ["42P01", "transient"],
  ["22003", "permanent"],
  ["23514", "permanent"],
  ["57014", "unknown"],
  ["XX000", "unknown"],
])("%s is %s", (code, kind) => {
  expect(classifyError(failure(code))).toBe(kind);
});

test("every item runs once and in order, in batches no larger than allowed, two at most side by side", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 80 }), async (sizes) => {
      let inAir = 0;
      const ran: number[] = [];
      const gatherer = createBatchGatherer<{ size: number; n: number }>(
        async (items) => {
          expect(++inAir).toBeLessThanOrEqual(2);
          // The last item may reach over the limit: messages are not taken apart.
          expect(items.slice(0, -1).reduce((sum, { size }) => sum + size, 0)).toBeLessThan(20);
          ran.push(...items.map(({ n }) => n));
          await new Promise((resolve) => setImmediate(resolve));
          inAir -= 1;
        },
        { events: 10, maxEvents: 20, lingerMs: 1, maxInAir: 2 },
      );
      for (const [n, size] of sizes.entries()) await gatherer.add({ size, n });
      await gatherer.finish();
      expect(ran).toEqual(sizes.map((_, n) => n));
    }),
  );
});

test("a small batch goes after the linger time", async () => {
  const { promise, resolve } = Promise.withResolvers<number>();
  const gatherer = createBatchGatherer(async (items) => resolve(items.length), {
    events: 500,
    maxEvents: 2_000,
    lingerMs: 5,
    maxInAir: 2,
  });
  await gatherer.add({ size: 1 });
  expect(await promise).toBe(1);
});

test("lines are split without a copy, and blank ones are nothing", () => {
  const body = Buffer.from('{"a":1}\n\n\r\n{"b":2}\r\n');
  expect(splitLines(body).map(String)).toEqual(['{"a":1}', '{"b":2}\r']);
  expect(splitLines(Buffer.alloc(0))).toEqual([]);
});

test("credentials are taken out of broker addresses", () => {
  expect(parseServers("nats://s%40cret@a:4000, nats://b")).toEqual({
    servers: ["a:4000", "b:4222"],
    token: "s@cret",
  });
  expect(parseServers("tls://u:p@a")).toEqual({ servers: ["a:4222"], user: "u", pass: "p", tls: {} });
});
