import { expect, test } from "vitest";
import { replaceGenerated } from "./publish.ts";

const BEGIN = "<!-- begin: written by npm run bench -->";
const END = "<!-- end: written by npm run bench -->";

test("only what stands between the markers is replaced", () => {
  const page = `# Title\n${BEGIN}\nold\n${END}\nrest\n`;
  expect(replaceGenerated(page, "new")).toBe(`# Title\n${BEGIN}\n\nnew\n\n${END}\nrest\n`);
});

test("a page without the markers is refused, not overwritten", () => {
  expect(() => replaceGenerated("# Title\n", "new")).toThrow("must contain");
});
