import { readFile, writeFile } from "node:fs/promises";
import { renderCurve } from "./curve-svg.ts";
import { marks, replaceGenerated } from "./generated.ts";
import { curveFile, renderOverview, renderPage } from "./markdown.ts";
import type { Published } from "./markdown.ts";
import { plotOf, renderPlot } from "./plot.ts";

export const FOLDER = new URL("../../docs/benchmarks/", import.meta.url);
const OVERVIEW = new URL("../../docs/benchmarks.md", import.meta.url);

/** Writes the overview, and a page with its pictures for every bench. */
export const writePages = async (published: readonly Published[]): Promise<void> => {
  for (const each of published)
    for (const [name, text] of filesOf(each)) await writeFile(new URL(name, FOLDER), text);
  const overview = await readFile(OVERVIEW, "utf8");
  await writeFile(OVERVIEW, replaceGenerated(overview, renderOverview(published), marks("npm run bench")));
};

type File = readonly [name: string, text: string];

/** What stands in docs/benchmarks/ of one bench, by the files' names. */
export const filesOf = (result: Published): File[] => [
  [`${result.name}.md`, `${renderPage(result)}\n`],
  ...picturesOf(result),
];

const picturesOf = (result: Published): File[] =>
  result.curves
    ? result.curves.map((curve, index) => [curveFile(result.name, index), renderCurve(curve)])
    : [[`${result.name}.svg`, renderPlot(plotOf(result))]];
