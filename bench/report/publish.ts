import { mkdir, readFile, writeFile } from "node:fs/promises";
import type { BenchResult } from "../bench.ts";
import { describeMachine } from "../measure/machine.ts";
import { renderMarkdown } from "./markdown.ts";
import type { Published } from "./markdown.ts";

const FOLDER = new URL("../../docs/benchmarks/", import.meta.url);
const PAGE = new URL("../../docs/benchmarks.md", import.meta.url);
const BEGIN = "<!-- begin: written by npm run bench -->";
const END = "<!-- end: written by npm run bench -->";

/** Adds a result to the JSON file, and renders the page's generated part from the last result of every bench. */
export const publish = async (result: BenchResult): Promise<void> => {
  const file = new URL("results.json", FOLDER);
  const published = merge(await readPublished(file), result);
  await mkdir(FOLDER, { recursive: true });
  await writeFile(file, `${JSON.stringify(published, undefined, 2)}\n`);
  const page = await readFile(PAGE, "utf8");
  await writeFile(PAGE, replaceGenerated(page, renderMarkdown(published)));
};

/** @throws Error when the page lacks the markers */
export const replaceGenerated = (page: string, text: string): string => {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`docs/benchmarks.md must contain ${BEGIN} and ${END}`);
  return `${page.slice(0, begin + BEGIN.length)}\n\n${text}\n\n${page.slice(end)}`;
};

// A bench that was not run this time keeps its last result and its place.
const merge = (before: readonly Published[], result: BenchResult): Published[] => {
  const published = { ...result, machine: describeMachine(), measuredAt: new Date().toISOString() };
  return [...new Map([...before, published].map((each) => [each.name, each])).values()];
};

const readPublished = async (file: URL): Promise<Published[]> => {
  try {
    return JSON.parse(await readFile(file, "utf8")) as Published[];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
};
