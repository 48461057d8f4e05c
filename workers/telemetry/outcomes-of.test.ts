import { expect, test } from "vitest";
import { identityKey } from "./identity-key.ts";
import { insertedFrom, outcomesOf, toReceivedKeys } from "./outcomes-of.ts";

const received = toReceivedKeys(["a", "b", "a", "c"].map((eventId) => identityKey("u", eventId)));
const knownOf = (row: { inserted: number; fresh: string | null }): (true | undefined)[] =>
  outcomesOf(received, insertedFrom(row)).map((outcome) =>
    outcome.kind === "done" ? outcome.known : undefined,
  );

test("what the database had, and what the batch itself repeats, is known", () => {
  const keys = (...ids: string[]) => ids.map((id) => identityKey("u", id)).join();
  expect(knownOf({ inserted: 3, fresh: null })).toEqual([undefined, undefined, true, undefined]);
  expect(knownOf({ inserted: 2, fresh: keys("a", "c") })).toEqual([undefined, true, true, undefined]);
  expect(knownOf({ inserted: 0, fresh: null })).toEqual([true, true, true, true]);
});
