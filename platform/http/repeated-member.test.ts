import { expect, test } from "vitest";
import fc from "../../tests/harness/fast-check.ts";
import { repeatedMember } from "./repeated-member.ts";

const find = (text: string): string | undefined => repeatedMember(text, JSON.parse(text));

test.each([
  ['{"amount": 1, "amount": 2}', "/amount"],
  ['{"amount":1,"amount":1}', "/amount"],
  ['{"a":{"b":1,"c":2,"b":3}}', "/a/b"],
  ['[1,{"x":[{}, {"a/b":1,"~":2,"a/b":3}]}]', "/1/x/1/a~1b"],
  ['{"amount":1,"\\u0061mount":2}', "/amount"],
  ['{"":1,"":2}', "/"],
  ['{"__proto__":1,"__proto__":2}', "/__proto__"],
  ['{"a":{"x":1},"b":2,"a":3}', "/a"],
  ['{"a" \n:1,\t"a"\r:2}', "/a"],
])("%s names %s twice", (text, pointer) => expect(find(text)).toBe(pointer));

test.each([
  "{}",
  "[]",
  '"a"',
  "12",
  "null",
  '{"a":1,"A":2,"a ":3}',
  '[{"a":1},{"a":2}]',
  '{"a":{"a":{"a":1}}}',
  '["a", ":", "a", ":"]',
  '{"a":"\\"a\\":1","b":"\\\\","c":"\\\\\\""}',
  '{"a":"{\\"b\\":1,\\"b\\":2}"}',
  '{"__proto__":1,"constructor":2,"toString":3}',
])("%s repeats no name", (text) => expect(find(text)).toBeUndefined());

test("a body that is nested deeper than any stack is looked through", () => {
  const depth = 200_000;
  expect(find(`${"[".repeat(depth)}${"]".repeat(depth)}`)).toBeUndefined();
  expect(find(`${"[".repeat(depth)}{"a":1,"a":2}${"]".repeat(depth)}`)).toBe(`${"/0".repeat(depth)}/a`);
});

type Node = { text: string; repeated: string | undefined };
type Written =
  | { kind: "leaf"; value: unknown }
  | { kind: "list"; items: Written[] }
  | { kind: "object"; members: [string, Written][] };

const name = fc.oneof(fc.constantFrom("a", "b", "a/b", "~", ":", '"', "\\", '\\"', ""), fc.string());
const { tree } = fc.letrec<{ tree: Written }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "small" },
    fc
      .oneof(fc.string(), fc.double(), fc.boolean(), fc.constant(null))
      .map((value) => ({ kind: "leaf" as const, value })),
    fc.array(tie("tree"), { maxLength: 4 }).map((items) => ({ kind: "list" as const, items })),
    fc
      .array(fc.tuple(name, tie("tree")), { maxLength: 4 })
      .map((members) => ({ kind: "object" as const, members })),
  ),
}));

const escape = (token: string): string => token.replaceAll("~", "~0").replaceAll("/", "~1");

/** The text of a tree, and the first name in it that its object has already. */
const write = (node: Written, pointer: string, space: string): Node => {
  if (node.kind === "leaf") return { text: JSON.stringify(node.value), repeated: undefined };
  let repeated: string | undefined;
  const parts: string[] = [];
  const names = new Set<string>();
  const inside: [string | number, Written][] =
    node.kind === "list" ? node.items.map((item, at) => [at, item]) : node.members;
  for (const [at, child] of inside) {
    const path = `${pointer}/${escape(String(at))}`;
    if (typeof at === "string") {
      if (names.has(at)) repeated ??= path;
      names.add(at);
    }
    const written = write(child, path, space);
    repeated ??= written.repeated;
    parts.push(
      typeof at === "string" ? `${JSON.stringify(at)}${space}:${space}${written.text}` : written.text,
    );
  }
  const [open, close] = node.kind === "list" ? "[]" : "{}";
  return { text: `${open}${space}${parts.join(`${space},${space}`)}${space}${close}`, repeated };
};

test("whatever is written, the first name that its object has already is found, and nothing else", () => {
  fc.assert(
    fc.property(tree, fc.constantFrom("", " ", "\n\t"), (node, space) => {
      const { text, repeated } = write(node, "", space);
      expect(find(text)).toBe(repeated);
    }),
    { numRuns: 2_000 },
  );
});
