import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { MeasuredProfile, ProcessProfile } from "../report/profiles.ts";
import { callTree } from "./call-tree.ts";
import { topFunctions } from "./top-functions.ts";
import type { CpuProfile } from "./top-functions.ts";

const FUNCTIONS = 12;
// Starting takes about so long, and is not what is asked about.
const SKIPPED_MS = 2_000;

/** Where the profiles of a bench's processes go; DevTools and flame graph viewers open them. */
export const profileFolder = (bench: string): string =>
  fileURLToPath(new URL(`../../.ecs/profiles/${bench}`, import.meta.url));

/** Options that make Node write a profile when it ends. */
export const profilingOptions = (folder: string, name: string): string =>
  `--cpu-prof --cpu-prof-dir=${folder} --cpu-prof-name=${name}.cpuprofile`;

/** For each profile in the folder, the functions that took most of the time; of replicas the first. */
export const readProfiles = async (folder: string): Promise<MeasuredProfile[]> => {
  const files = (await readdir(folder)).filter((file) => file.endsWith("-1.cpuprofile")).toSorted();
  return Promise.all(
    files.map(async (file) => {
      const profile = JSON.parse(await readFile(join(folder, file), "utf8")) as CpuProfile;
      return {
        process: file.replace("-1.cpuprofile", ""),
        functions: topFunctions(profile, FUNCTIONS, SKIPPED_MS),
        calls: callTree(profile, SKIPPED_MS),
      };
    }),
  );
};

export const renderProfilesForTerminal = (profiles: readonly ProcessProfile[]): string =>
  profiles
    .map(({ process, functions }) => {
      const lines = functions.map(
        ({ name, share }) => `    ${(share * 100).toFixed(1).padStart(5)} %  ${name}`,
      );
      return [`  ${process}`, ...lines].join("\n");
    })
    .join("\n");
