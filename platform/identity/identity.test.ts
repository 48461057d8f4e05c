import fc from "../../tests/harness/fast-check.ts";
import { expect, test } from "vitest";
import { continueTrace, traceIdOf } from "../observability/trace-context.ts";
import { requireReader, requireSelf, requireSender } from "./authorize.ts";
import { secretsEqual } from "./secrets-equal.ts";
import { uuidv7 } from "uuidv7";

test("secrets are equal when every byte is, and an absent one equals nothing", () => {
  fc.assert(fc.property(fc.string(), fc.string(), (a, b) => secretsEqual(a, b) === (a === b)));
  expect(secretsEqual(undefined, "")).toBe(false);
});

test("ids sort in the order in which they were made, also those of one millisecond", () => {
  const ids = Array.from({ length: 10_000 }, uuidv7);
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(ids).size).toBe(ids.length);
});

test("a trace goes on with a new parent, and a malformed one is begun anew", () => {
  const given = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";
  const next = continueTrace(given);
  expect(traceIdOf(next)).toBe(traceIdOf(given));
  expect(next).not.toBe(given);
  expect(next.endsWith("-00")).toBe(true);
  for (const bad of [
    undefined,
    "",
    "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
    "x".repeat(55),
  ]) {
    expect(continueTrace(bad)).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  }
});

test("a user acts for themselves alone, an operator only reads, a backend only sends telemetry", () => {
  const user = { kind: "user", id: "a" } as const;
  const operator = { kind: "operator", id: "o" } as const;
  const internal = { kind: "internal" } as const;
  expect(() => requireSelf(user, "a")).not.toThrow();
  expect(() => requireSelf(user, "b")).toThrow("another user");
  expect(() => requireSelf(operator, "a")).toThrow("another user");
  expect(() => requireReader(operator, "a")).not.toThrow();
  expect(() => requireReader(internal, "a")).toThrow("another user");
  expect(() => requireSender(internal, "a")).not.toThrow();
  expect(() => requireSender(operator, "a")).toThrow("another user");
  expect(() => requireSender({ kind: "anonymous" }, "a")).toThrow("another user");
});
