import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { renderOverview } from "./markdown.ts";
import type { Published } from "./markdown.ts";
import { FOLDER, filesOf } from "./pages.ts";

const read = (path: string): string => readFileSync(new URL(path, FOLDER), "utf8");
const published = JSON.parse(read("results.json")) as Published[];

test.each(published)("the page and the pictures of $name show what was measured", (result) => {
  for (const [name, text] of filesOf(result)) expect(read(name)).toBe(text);
});

test("the overview shows what was measured", () => {
  expect(read("../benchmarks.md")).toContain(renderOverview(published));
});
