import { measureSides } from "../bench.ts";
import type { Bench, WarmSide } from "../bench.ts";
import { emotionRequests } from "../load/emotion-requests.ts";
import { measureLoad } from "../load/load-side.ts";
import type { LoadSideOptions } from "../load/load-side.ts";
import { rateOf } from "../measure/sample.ts";
import { spreadOf } from "../measure/statistics.ts";
import { openIngestionPath } from "../system/ingestion-path.ts";
import { secrets } from "../system/secrets.ts";

// A stall of the machine must not make the generator wait for connections of its own.
const OPEN_CONNECTIONS = 256;

export const latency: Bench = {
  name: "latency",
  title: "How long a single event takes at half and at seven tenths of what the whole path can do",
  run: async (context) => {
    const { plan, lender, generator } = context;
    const { url, processes } = await openIngestionPath(lender);
    const headers = { "x-internal-key": secrets.INTERNAL_KEY };
    await generator.setPool("emotions", emotionRequests(plan.requests, headers));

    const { seconds, pathWarmUp, connections } = plan;
    const job = { target: url, pool: "emotions", connections, expectedStatus: 202 };
    const capacity = capacitySide({
      name: "capacity, closed loop",
      generator,
      job: { ...job, until: { seconds } },
      warmUp: { answers: pathWarmUp },
      processes,
    });
    const openLoop = (share: number) => ({
      ...job,
      connections: OPEN_CONNECTIONS,
      rate: share * capacity.soFar(),
      seconds,
    });
    const at = (share: number): WarmSide => ({
      name: `${share * 100} % of it, open loop`,
      unit: "requests",
      // So many connections are new to the whole path.
      warmUp: () => generator.run(openLoop(share)),
      measure: () => measureLoad({ name: `${share * 100} %`, generator, job: openLoop(share), processes }),
    });
    const [half, busy] = [at(0.5), at(0.7)];
    const measured = await measureSides(context, [capacity.side, half, busy]);
    const p99 = (side: WarmSide): number => measured.summary(side.name).p99Ms?.median ?? Number.NaN;
    return {
      sides: measured.sides,
      findings: [
        { label: "p99 at 50 % of capacity", value: p99(half), unit: "ms" },
        { label: "p99 at 70 % of capacity", value: p99(busy), unit: "ms", ceiling: 25 },
      ],
      plot: {
        title: "p99 in ms",
        bars: [half, busy].map(({ name }) => ({
          label: name,
          ...(measured.summary(name).p99Ms ?? { median: Number.NaN, min: Number.NaN, max: Number.NaN }),
        })),
      },
      notes: [
        `Capacity is what ${connections} connections in a closed loop reach, measured anew in every round; the rates of the open loops are shares of its median so far.`,
        "Open loop: requests are due at a constant rate whether or not earlier ones were answered, and a latency begins when its request was due, so that a stall counts for all that fell into it (no coordinated omission). The generator looks at its clock every millisecond, which may add a millisecond to each.",
      ],
    };
  },
};

/** A closed loop that remembers what it reached. */
const capacitySide = (options: LoadSideOptions): { side: WarmSide; soFar: () => number } => {
  const { name, generator, job, warmUp } = options;
  const reached: number[] = [];
  const side: WarmSide = {
    name,
    unit: "requests",
    warmUp: async () => {
      const { count, seconds } = await generator.run({ ...job, until: warmUp });
      reached.push(count / seconds);
    },
    measure: async () => {
      const sample = await measureLoad(options);
      reached.push(rateOf(sample));
      return sample;
    },
  };
  return { side, soFar: () => spreadOf(reached).median };
};
