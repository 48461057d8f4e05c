import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { topFunctions } from "./top-functions.ts";
import type { CpuProfile } from "./top-functions.ts";

const FUNCTIONS = 15;

/** Where the profiles of a bench's processes go; DevTools and flame graph viewers open them. */
export const profileFolder = (bench: string): string =>
  fileURLToPath(new URL(`../../.ecs/profiles/${bench}`, import.meta.url));

/** Options that make Node write a profile when it ends. */
export const profilingOptions = (folder: string, name: string): string =>
  `--cpu-prof --cpu-prof-dir=${folder} --cpu-prof-name=${name}.cpuprofile`;

/** For each profile in the folder, the functions that took most of the time. */
export const reportProfiles = async (folder: string): Promise<string> => {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".cpuprofile")).toSorted();
  const parts: string[] = [];
  for (const file of files) {
    const profile = JSON.parse(await readFile(join(folder, file), "utf8")) as CpuProfile;
    const lines = topFunctions(profile, FUNCTIONS).map(
      ({ name, share }) => `    ${(share * 100).toFixed(1).padStart(5)} %  ${name}`,
    );
    parts.push(`  ${join(folder, file)}\n${lines.join("\n")}`);
  }
  return parts.join("\n");
};
