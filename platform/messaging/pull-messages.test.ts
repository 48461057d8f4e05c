import { expect, test } from "vitest";
import { subjectFilter } from "./pull-messages.ts";

test("a subject is let through by itself, or by what it begins with, and by nothing shorter", () => {
  const exact = subjectFilter("credit.offers.approved");
  expect(["credit.offers.approved", "credit.offers", "credit.offers.approved.x"].map(exact)).toEqual([
    true,
    false,
    false,
  ]);
  const below = subjectFilter("dead-letters.>");
  expect(["dead-letters.CREDIT", "dead-letters.a.b", "dead-letters", "dead-letters-2.x"].map(below)).toEqual([
    true,
    true,
    false,
    false,
  ]);
});
