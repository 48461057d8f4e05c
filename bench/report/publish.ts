import { mkdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { BenchResult } from "../bench.ts";
import { describeMachine } from "../measure/machine.ts";
import { renderMarkdown } from "./markdown.ts";
import type { Published } from "./markdown.ts";

const FOLDER = new URL("../../docs/benchmarks/", import.meta.url);
const PAGE = new URL("../../docs/benchmarks.md", import.meta.url);
const BEGIN = "<!-- begin: written by npm run bench -->";
const END = "<!-- end: written by npm run bench -->";

/** Writes each result as JSON, and the page's generated part from everything that was ever published. */
export const publish = async (results: readonly BenchResult[]): Promise<void> => {
  const file = new URL("results.json", FOLDER);
  const published = merge(await readPublished(file), results);
  await mkdir(FOLDER, { recursive: true });
  await writeFile(file, `${JSON.stringify(published, undefined, 2)}\n`);
  const page = await readFile(PAGE, "utf8");
  await writeFile(PAGE, replaceGenerated(page, renderMarkdown(published)));
  console.log(`\nWritten: ${fileURLToPath(file)} and ${fileURLToPath(PAGE)}`);
};

/** @throws Error when the page lacks the markers */
export const replaceGenerated = (page: string, text: string): string => {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`docs/benchmarks.md must contain ${BEGIN} and ${END}`);
  return `${page.slice(0, begin + BEGIN.length)}\n\n${text}\n\n${page.slice(end)}`;
};

// A bench that was not run this time keeps its last result and its place.
const merge = (before: readonly Published[], results: readonly BenchResult[]): Published[] => {
  const machine = describeMachine();
  const measuredAt = new Date().toISOString();
  const merged = new Map(before.map((result) => [result.name, result]));
  for (const result of results) merged.set(result.name, { ...result, machine, measuredAt });
  return [...merged.values()];
};

const readPublished = async (file: URL): Promise<Published[]> => {
  try {
    return JSON.parse(await readFile(file, "utf8")) as Published[];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
};
