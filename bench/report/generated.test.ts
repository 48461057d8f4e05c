import { expect, test } from "vitest";
import { marks, replaceGenerated } from "./generated.ts";

const MARKS = marks("npm run bench");
const { begin: BEGIN, end: END } = MARKS;

test("only what stands between the markers is replaced", () => {
  const page = `# Title\n${BEGIN}\nold\n${END}\nrest\n`;
  expect(replaceGenerated(page, "new", MARKS)).toBe(`# Title\n${BEGIN}\n\nnew\n\n${END}\nrest\n`);
});

test("a page without the markers is refused, not overwritten", () => {
  expect(() => replaceGenerated("# Title\n", "new", MARKS)).toThrow("must contain");
});
