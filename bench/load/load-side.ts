import type { WarmSide } from "../bench.ts";
import { LOAD_GENERATOR } from "../measure/comparison.ts";
import { countCpu } from "../measure/cpu.ts";
import { residentMb } from "../measure/memory.ts";
import type { Sample } from "../measure/sample.ts";
import type { Lent } from "../system/lender.ts";
import type { Generator } from "./generator.ts";
import type { LoadJob, OpenLoadJob } from "./protocol.ts";

export type LoadSideOptions = {
  readonly name: string;
  readonly generator: Generator;
  readonly job: LoadJob;
  readonly warmUp: LoadJob["until"];
  /** Whose CPU time is counted, the generator's aside. */
  readonly processes: readonly Lent[];
};

/** A side that is measured by requests from one generator. */
export const loadSide = ({ name, generator, job, warmUp, processes }: LoadSideOptions): WarmSide => ({
  name,
  unit: "requests",
  warmUp: () => generator.run({ ...job, until: warmUp }),
  measure: () => measureLoad({ name, generator, job, processes }),
});

/** One round of load, with what it cost whom. */
export const measureLoad = async ({
  name,
  generator,
  job,
  processes,
}: Omit<LoadSideOptions, "warmUp" | "job"> & { job: LoadJob | OpenLoadJob }): Promise<Sample> => {
  const counted = processes.map(withoutNumber);
  const used = countCpu([...counted, { name: LOAD_GENERATOR, pid: generator.pid }]);
  const { count, seconds, p50Ms, p99Ms, p999Ms } = await generator.run(job);
  if (count === 0) throw new Error(`${name}: no answer within ${seconds} s`);
  return { count, seconds, p50Ms, p99Ms, p999Ms, cpu: used(), rssMb: residentMb(counted) };
};

/** Replicas are counted together: gateway-1 and gateway-2 are the gateway. */
export const withoutNumber = ({ name, pid }: Lent): { name: string; pid: number } => ({
  name: name.replace(/-\d+$/, ""),
  pid,
});
