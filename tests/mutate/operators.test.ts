import { expect, test } from "vitest";
import { type Equivalent, reasonFor } from "./equivalent.ts";
import { describeMutation, findMutations, mutate, occurrenceOf } from "./operators.ts";

test("operators between spaces are found, in both directions, and nothing in texts and comments", () => {
  const source = `if a <= b + 1 and c = ' - ' then -- x * y\n  d := e - f || '''<'; g => h;\nend if;`;
  const found = findMutations(source, "sql");
  expect(found.map(({ from, to }) => `${from} ${to}`)).toEqual(["<= <", "<= >", "+ -", "= <>", "- +"]);
  expect(mutate(source, found[0]!)).toBe(source.replace("<=", "<"));
  expect(describeMutation(source, found[4]!)).toBe("line 2, - → +: d := e + f || '''<'; g => h;");
});

test("in TypeScript generics, arrows, patterns and templates are left alone", () => {
  const source =
    "const f = <T>(a: Map<string, T>) => (a.size === 0 ? /^ - $/ : `${a.size} + 1`); // 1 < 2\nreturn x % 2;";
  expect(findMutations(source, "typescript").map(({ from, to }) => `${from} ${to}`)).toEqual([
    "=== !==",
    "% *",
  ]);
});

test("of lines that read the same each is told apart, and what is equivalent in one of them is not in the other", () => {
  const source = "a := b + c;\nd := e - f;\n  a := b + c;";
  const mutations = findMutations(source, "sql");
  expect(mutations.map((mutation) => occurrenceOf(source, mutation))).toEqual([1, 1, 2]);
  const line = { in: "f", line: "a := b + c;", mutant: "a := b - c;" };
  const found = (occurrence: number | undefined, listed: Partial<Equivalent>) =>
    reasonFor([{ ...line, reason: "why", ...listed }], "f", { ...line, ...(occurrence && { occurrence }) });
  expect([found(undefined, {}), found(2, {})]).toEqual(["why", undefined]);
  expect([found(undefined, { occurrence: 2 }), found(2, { occurrence: 2 })]).toEqual([undefined, "why"]);
});
