import { expect, it } from "vitest";
import { judge, type OfferTrace } from "./acceptance-account.ts";

const offered: OfferTrace = { status: "offered", notifications: 0, notified: 0, activated: 0 };
const active: OfferTrace = { status: "active", notifications: 1, notified: 1, activated: 1 };
const sure = { acknowledged: true };
const unsure = { acknowledged: false };

it("an acknowledged acceptance is an active limit, announced once everywhere", () => {
  expect(judge(sure, active)).toBeUndefined();
});

it.each([
  offered,
  { ...offered, status: "accepted" },
  { ...active, notified: 0 },
  { ...offered, status: "gone" },
])("an acknowledged acceptance is lost when it came to %j", (trace) =>
  expect(judge(sure, trace)).toBe("lost"),
);

it.each([
  { ...active, notifications: 2 },
  { ...active, notified: 2 },
  { ...active, activated: 2 },
])("a limit that was announced or activated twice is doubled: %j", (trace) => {
  expect(judge(sure, trace)).toBe("doubled");
  expect(judge(unsure, trace)).toBe("doubled");
});

it("one whose answer was lost was taken whole or not at all", () => {
  expect(judge(unsure, offered)).toBeUndefined();
  expect(judge(unsure, active)).toBeUndefined();
  expect(judge(unsure, { ...active, activated: 0 })).toBe("lost");
  expect(judge(unsure, { ...offered, status: "accepted" })).toBe("lost");
});

it("an offer that nobody accepted is neither taken nor announced", () => {
  expect(judge(undefined, offered)).toBeUndefined();
  expect(judge(undefined, active)).toBe("uninvited");
  expect(judge(undefined, { ...offered, notified: 1 })).toBe("uninvited");
});
