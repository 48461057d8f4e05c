import fc from "../../tests/harness/fast-check.ts";
import { expect, test } from "vitest";
import { continueTrace, traceIdOf } from "../observability/trace-context.ts";
import { requireReader, requireSelf, requireSender } from "./authorize.ts";
import { secretsEqual } from "./secrets-equal.ts";
import { uuidV7 } from "./uuid-v7.ts";

test("secrets are equal when every byte is, and an absent one equals nothing", () => {
  fc.assert(fc.property(fc.string(), fc.string(), (a, b) => secretsEqual(a, b) === (a === b)));
  expect(secretsEqual(undefined, "")).toBe(false);
});

test("a version 7 UUID carries its time, sorts by it and does not repeat", () => {
  const ids = Array.from({ length: 2_000 }, (_, i) => uuidV7(1_700_000_000_000 + i));
  expect(
    ids.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id)),
  ).toBe(true);
  expect(ids.toSorted()).toEqual(ids);
  expect(Number.parseInt(ids[0]!.replace("-", "").slice(0, 12), 16)).toBe(1_700_000_000_000);
  expect(new Set(Array.from({ length: 10_000 }, () => uuidV7(0))).size).toBe(10_000);
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
