import { mkdir, readFile, writeFile } from "node:fs/promises";
import { codeOf } from "../../platform/errors/code-of.ts";
import type { BenchResult } from "../bench.ts";
import { describeMachine } from "../measure/machine.ts";
import { renderCurve } from "./curve-svg.ts";
import { curveFile, renderMarkdown } from "./markdown.ts";
import { plotOf, renderPlot } from "./plot.ts";
import type { Published } from "./markdown.ts";
import { renderFlame } from "./flame-svg.ts";
import { flameFile, isOurs, renderProfiles } from "./profiles.ts";
import type { BenchProfiles, MeasuredProfile } from "./profiles.ts";

const FOLDER = new URL("../../docs/benchmarks/", import.meta.url);
const PAGE = new URL("../../docs/benchmarks.md", import.meta.url);
const RESULTS = marks("npm run bench");
const PROFILES = marks("npm run bench -- --profile");

/** Adds a result to the JSON file, and renders the page's generated part from the last result of every bench. */
export const publish = async (result: BenchResult): Promise<void> => {
  const file = new URL("results.json", FOLDER);
  const published = merge(await readPublished(file), result);
  await mkdir(FOLDER, { recursive: true });
  await writeFile(file, `${JSON.stringify(published, undefined, 2)}\n`);
  for (const each of published) {
    if (!each.curves) await writeFile(new URL(`${each.name}.svg`, FOLDER), renderPlot(plotOf(each)));
    for (const [index, curve] of (each.curves ?? []).entries())
      await writeFile(new URL(curveFile(each.name, index), FOLDER), renderCurve(curve));
  }
  const page = await readFile(PAGE, "utf8");
  await writeFile(PAGE, replaceGenerated(page, renderMarkdown(published), RESULTS));
};

/** @throws Error when the page lacks the markers */
export const replaceGenerated = (page: string, text: string, { begin, end }: Marks): string => {
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`docs/benchmarks.md must contain ${begin} and ${end}`);
  return `${page.slice(0, from + begin.length)}\n\n${text}\n\n${page.slice(to)}`;
};

/** Between them stands what a command writes. */
export type Marks = { readonly begin: string; readonly end: string };

export function marks(command: string): Marks {
  return {
    begin: `<!-- begin: written by ${command} -->`,
    end: `<!-- end: written by ${command} -->`,
  };
}

/** Writes where the time of a bench's processes went into the page's part about that; other benches keep theirs. */
export const publishProfiles = async (bench: string, measured: readonly MeasuredProfile[]): Promise<void> => {
  const file = new URL("profiles.json", FOLDER);
  const before = await readPublished<BenchProfiles>(file);
  const profiles = measured.map(({ process, functions }) => ({ process, functions }));
  const published = [...before.filter((each) => each.bench !== bench), { bench, profiles }];
  await mkdir(FOLDER, { recursive: true });
  await writeFile(file, `${JSON.stringify(published, undefined, 2)}\n`);
  for (const { process, calls } of measured.filter(isOurs))
    await writeFile(
      new URL(flameFile(bench, process), FOLDER),
      renderFlame(`${process}, under the bench ${bench}`, calls),
    );
  const page = await readFile(PAGE, "utf8");
  await writeFile(PAGE, replaceGenerated(page, renderProfiles(published), PROFILES));
};

// A bench that was not run this time keeps its last result and its place.
const merge = (before: readonly Published[], result: BenchResult): Published[] => {
  const published = { ...result, machine: describeMachine(), measuredAt: new Date().toISOString() };
  return [...new Map([...before, published].map((each) => [each.name, each])).values()];
};

const readPublished = async <Item = Published>(file: URL): Promise<Item[]> => {
  try {
    return JSON.parse(await readFile(file, "utf8")) as Item[];
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  }
};
