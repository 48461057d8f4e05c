import { messageOf } from "../platform/errors/message-of.ts";
import { helpOn, readArguments } from "./arguments.ts";
import { benches } from "./benches.ts";
import { fullPlan, quickPlan } from "./plan.ts";
import { renderProfilesForTerminal } from "./profile/report-profiles.ts";
import { publish, publishAgain, publishProfiles } from "./report/publish.ts";
import { runBenches } from "./run-benches.ts";

// The whole run is bounded: what hangs must not hold a machine for ever.
const FULL_LIMIT_MS = 35 * 60_000;
const QUICK_LIMIT_MS = 5 * 60_000;

const main = async (): Promise<void> => {
  const known = benches.map(({ name }) => name);
  if (process.argv.includes("--help")) return console.log(helpOn(known));
  const { names, quick, profile, pages } = readArguments(process.argv.slice(2), known);
  if (pages) return publishAgain();
  const chosen = benches.filter(({ name }) => names.includes(name));
  const stop = new AbortController();
  const limit = quick ? QUICK_LIMIT_MS : FULL_LIMIT_MS;
  setTimeout(() => stop.abort(new Error(`stopped: it took longer than ${limit / 1_000} s`)), limit).unref();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => stop.abort(new Error(`stopped by ${signal}`)));
  }
  const unpublished = quick || profile;
  await runBenches(chosen, quick ? quickPlan : fullPlan, {
    signal: stop.signal,
    profile,
    onResult: async (result) => (unpublished ? undefined : publish(result)),
    onProfiles: async (bench, profiles) => {
      console.log(renderProfilesForTerminal(profiles));
      if (!quick) await publishProfiles(bench, profiles);
    },
  });
  console.log(
    `\n${unpublished ? "Not for others, and so not written to" : "Written to"} docs/benchmarks.md.`,
  );
};

try {
  await main();
} catch (error) {
  console.error(`\nbench: ${messageOf(error)}`);
  process.exitCode = 1;
}
