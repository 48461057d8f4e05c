import { measureSides } from "../bench.ts";
import type { Bench, WarmSide } from "../bench.ts";
import { LOAD_GENERATOR } from "../measure/comparison.ts";
import { countCpu } from "../measure/cpu.ts";
import { emotionRequests } from "../load/emotion-requests.ts";
import { startGenerator } from "../load/generator.ts";
import type { Generator } from "../load/generator.ts";
import { loadSide } from "../load/load-side.ts";
import type { LoadJob } from "../load/protocol.ts";
import type { Lent } from "../system/lender.ts";

export const generatorLimit: Bench = {
  name: "generator",
  title: "Is the load generator the limit? Bare with one generator and with two",
  run: async (context) => {
    const { plan, lender, generator } = context;
    const second = startGenerator();
    try {
      const bare = await lender.process("bare-1", "bench/bare/main.ts", {});
      const requests = emotionRequests(plan.requests, {});
      for (const each of [generator, second]) await each.setPool("emotions", requests);
      const job: LoadJob = {
        target: bare.url,
        pool: "emotions",
        connections: plan.connections,
        until: { seconds: plan.seconds },
        expectedStatus: 202,
      };
      const warmUp = { seconds: plan.warmUpSeconds };
      const measured = await measureSides(context, [
        loadSide({ name: "one generator", generator, job, warmUp, processes: [bare] }),
        together([generator, second], { ...job, connections: plan.connections / 2 }, bare),
      ]);
      return {
        sides: measured.sides,
        findings: [measured.ratio("two generators ÷ one", "two generators", "one generator")],
        notes: [
          "The server is the limit, not the generator, when it keeps a whole core busy while the generator does not, and a second generator brings no more (on two cores it takes time from the server instead).",
        ],
      };
    } finally {
      await second.stop();
    }
  },
};

const together = (generators: readonly Generator[], job: LoadJob, bare: Lent): WarmSide => ({
  name: "two generators",
  unit: "requests",
  measure: async () => {
    const loads = generators.map(({ pid }) => ({ name: LOAD_GENERATOR, pid }));
    const used = countCpu([{ name: "bare", pid: bare.pid }, ...loads]);
    const results = await Promise.all(generators.map((generator) => generator.run(job)));
    const sum = results.reduce((total, { count }) => total + count, 0);
    return { count: sum, seconds: Math.max(...results.map(({ seconds }) => seconds)), cpu: used() };
  },
});
