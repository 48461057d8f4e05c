import { mkdir, readFile, writeFile } from "node:fs/promises";
import { codeOf } from "../../platform/errors/code-of.ts";
import type { BenchResult } from "../bench.ts";
import { describeMachine } from "../measure/machine.ts";
import { renderFlame } from "./flame-svg.ts";
import { marks, replaceGenerated } from "./generated.ts";
import type { Published } from "./markdown.ts";
import { FOLDER, writePages } from "./pages.ts";
import { flameFile, isOurs, renderProfiles } from "./profiles.ts";
import type { BenchProfiles, MeasuredProfile } from "./profiles.ts";

const RESULTS = new URL("results.json", FOLDER);
const PROFILES = new URL("profiles.json", FOLDER);
const PROFILES_PAGE = new URL("profiles.md", FOLDER);

/** Adds a result to the JSON file, and writes the pages from the last result of every bench. */
export const publish = async (result: BenchResult): Promise<void> => {
  const published = merge(await readPublished(RESULTS), result);
  await mkdir(FOLDER, { recursive: true });
  await writeFile(RESULTS, `${JSON.stringify(published, undefined, 2)}\n`);
  await writePages(published);
};

/** Writes the pages anew from the results that are there. */
export const publishAgain = async (): Promise<void> => writePages(await readPublished(RESULTS));

/** Writes where the time of a bench's processes went into the page about that; other benches keep theirs. */
export const publishProfiles = async (bench: string, measured: readonly MeasuredProfile[]): Promise<void> => {
  const before = await readPublished<BenchProfiles>(PROFILES);
  const profiles = measured.map(({ process, functions }) => ({ process, functions }));
  const published = [...before.filter((each) => each.bench !== bench), { bench, profiles }];
  await mkdir(FOLDER, { recursive: true });
  await writeFile(PROFILES, `${JSON.stringify(published, undefined, 2)}\n`);
  for (const { process, calls } of measured.filter(isOurs))
    await writeFile(
      new URL(flameFile(bench, process), FOLDER),
      renderFlame(`${process}, under the bench ${bench}`, calls),
    );
  const page = await readFile(PROFILES_PAGE, "utf8");
  const generated = replaceGenerated(page, renderProfiles(published), marks("npm run bench -- --profile"));
  await writeFile(PROFILES_PAGE, generated);
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
