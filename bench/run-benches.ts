import { describeMachine } from "./measure/machine.ts";
import { startGenerator } from "./load/generator.ts";
import { profileFolder, readProfiles } from "./profile/report-profiles.ts";
import type { MeasuredProfile } from "./report/profiles.ts";
import { renderForTerminal } from "./report/terminal.ts";
import { openLender } from "./system/lender.ts";
import type { Bench, BenchResult, Plan } from "./bench.ts";

export type RunOptions = {
  /** Ends the run, whatever it is at. */
  readonly signal: AbortSignal;
  readonly profile: boolean;
  /** Called with each result at once, so that a run that is stopped keeps what it has. */
  readonly onResult: (result: BenchResult) => Promise<void>;
  /** Where the processes of a bench spent their time, where that was asked for. */
  readonly onProfiles: (bench: string, profiles: readonly MeasuredProfile[]) => Promise<void>;
};

/**
 * Runs benches one after the other, each with servers and processes of its own, so that what one leaves behind
 * cannot slow the next.
 * @throws Error of the first bench that cannot run, or the signal's reason
 */
export const runBenches = async (
  benches: readonly Bench[],
  plan: Plan,
  { signal, profile, onResult, onProfiles }: RunOptions,
): Promise<void> => {
  const { cpu, cores, memoryGiB, node, system } = describeMachine();
  console.log(`${cores} cores (${cpu}), ${memoryGiB} GiB, ${system}, Node ${node}`);
  const stopped = new Promise<never>((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error));
  });
  for (const bench of benches) {
    const result = await runBench(bench, plan, { stopped, profile });
    console.log(renderForTerminal(result));
    if (profile) await onProfiles(bench.name, await readProfiles(profileFolder(bench.name)));
    await onResult(result);
  }
};

const runBench = async (
  bench: Bench,
  plan: Plan,
  { stopped, profile }: { stopped: Promise<never>; profile: boolean },
): Promise<BenchResult> => {
  console.log(`\n${bench.name}: ${bench.title}`);
  const lender = openLender(profile ? profileFolder(bench.name) : undefined);
  const generator = startGenerator();
  try {
    const run = bench.run({ plan, lender, generator, say: console.log });
    return { name: bench.name, title: bench.title, ...(await Promise.race([run, stopped])) };
  } finally {
    await generator.stop();
    await lender.close();
  }
};
