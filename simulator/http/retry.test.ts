import fc from "../../tests/harness/fast-check.ts";
import { expect, test } from "vitest";
import { parseRetryAfter, waitBeforeRetry } from "./retry.ts";

const NOW = Date.parse("2026-11-20T12:00:00Z");
const answered = (status: number, retryAfter?: string) => ({
  kind: "answered" as const,
  status,
  body: {},
  retryAfter,
});
const failed = { kind: "failed" as const, failure: "ECONNRESET" };

test.each([200, 202, 400, 401, 403, 404, 409, 410, 422])("an answer of %d is final", (status) => {
  expect(waitBeforeRetry(answered(status, "1"), 1, NOW, Math.random)).toBeUndefined();
});

test("a 409 that says that the first attempt is still being worked on may pass", () => {
  const busy = { ...answered(409), body: { code: "request_in_progress" } };
  expect(waitBeforeRetry(busy, 1, NOW, () => 1)).toBe(250);
});

test.each([429, 503])(
  "after %d it waits at least as long as it was asked to, and little longer",
  (status) => {
    fc.assert(
      fc.property(fc.nat(120), fc.integer({ min: 1, max: 50 }), (seconds, attempts) => {
        const wait = waitBeforeRetry(answered(status, String(seconds)), attempts, NOW, Math.random)!;
        expect(wait).toBeGreaterThanOrEqual(seconds * 1_000);
        expect(wait).toBeLessThanOrEqual(seconds * 1_100);
      }),
    );
  },
);

test("without being asked it waits longer from attempt to attempt, and never long", () => {
  const longest = (attempts: number) => waitBeforeRetry(failed, attempts, NOW, () => 1)!;
  expect([1, 2, 3].map(longest)).toEqual([250, 500, 1_000]);
  expect(longest(60)).toBe(5_000);
  expect(waitBeforeRetry(failed, 3, NOW, () => 0)).toBe(0);
});

test("Retry-After may be a date, past ones mean now, nonsense means nothing", () => {
  expect(parseRetryAfter("Fri, 20 Nov 2026 12:00:07 GMT", NOW)).toBe(7_000);
  expect(parseRetryAfter("Fri, 20 Nov 2026 11:00:00 GMT", NOW)).toBe(0);
  expect(parseRetryAfter("soon", NOW)).toBeUndefined();
});
