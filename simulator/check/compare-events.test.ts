import fc from "../../tests/harness/fast-check.ts";
import { expect, test } from "vitest";
import { compareEvents } from "./compare-events.ts";

const ids = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 4 }), { maxLength: 30 });
const once = (events: Iterable<string>) => new Map([...events].map((id) => [id, 1] as const));
const owed = (acknowledged: string[], uncertain: string[] = []) => ({
  acknowledged: new Set(acknowledged),
  uncertain: new Set(uncertain),
});
const nothing = { missing: [], doubled: [], unexpected: [] };

test("everything acknowledged once, with any part of the uncertain, is as it should be", () => {
  fc.assert(
    fc.property(ids, fc.nat(30), fc.nat(30), (events, a, b) => {
      const acknowledged = events.slice(0, a);
      const uncertain = events.slice(a);
      const stored = once([...acknowledged, ...uncertain.slice(0, b)]);
      expect(compareEvents(owed(acknowledged, uncertain), stored)).toEqual(nothing);
    }),
  );
});

test("whatever is taken away from what was acknowledged is missing", () => {
  fc.assert(
    fc.property(ids, fc.nat(30), (events, kept) => {
      const { missing } = compareEvents(owed(events), once(events.slice(0, kept)));
      expect(missing).toEqual(events.slice(kept));
    }),
  );
});

test("a second copy is a double, of an uncertain event too", () => {
  const stored = new Map([
    ["a", 2],
    ["b", 3],
    ["c", 1],
  ]);
  expect(compareEvents(owed(["a", "c"], ["b"]), stored)).toEqual({ ...nothing, doubled: ["a", "b"] });
});

test("an event that nobody was told of is unexpected", () => {
  expect(compareEvents(owed(["a"]), once(["a", "z"]))).toEqual({ ...nothing, unexpected: ["z"] });
});
