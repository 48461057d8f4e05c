import { expect, test } from "vitest";
import { describeMutation, findMutations, mutate } from "./operators.ts";

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
