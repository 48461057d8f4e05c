import { measureSides } from "../bench.ts";
import type { Bench } from "../bench.ts";
import { emotionRequests } from "../load/emotion-requests.ts";
import { loadSide } from "../load/load-side.ts";
import { openBareEntrance } from "../system/entrance.ts";
import { openIngestionPath } from "../system/ingestion-path.ts";
import { secrets } from "../system/secrets.ts";

export const path: Bench = {
  name: "path",
  title: "The whole path of a single event: nginx, two gateways and two replicas of ingestion, or of bare",
  run: async (context) => {
    const { plan, lender, generator } = context;
    const whole = await openIngestionPath(lender);
    const { redis } = whole;
    const bare = await openBareEntrance(lender, redis);
    const alone = await lender.process("bare-alone-1", "bench/bare/main.ts", {});

    const headers = { "x-internal-key": secrets.INTERNAL_KEY };
    await generator.setPool("emotions", emotionRequests(plan.requests, headers));
    const options = { generator, warmUp: { answers: plan.pathWarmUp } };
    const job = {
      pool: "emotions",
      connections: plan.connections,
      until: { seconds: plan.seconds },
      expectedStatus: 202,
    };
    const measured = await measureSides(context, [
      loadSide({
        ...options,
        name: "path to ingestion",
        job: { ...job, target: whole.url },
        processes: whole.processes,
      }),
      loadSide({
        ...options,
        name: "path to bare",
        job: { ...job, target: bare.url },
        processes: [...bare.processes, redis],
      }),
      loadSide({
        ...options,
        name: "bare alone",
        job: { ...job, target: alone.url },
        processes: [{ ...alone, name: "bare" }],
      }),
    ]);
    return {
      sides: measured.sides,
      findings: [
        measured.ratio("path to ingestion ÷ path to bare", "path to ingestion", "path to bare", {
          floor: 0.7,
        }),
        measured.ratio("path to bare ÷ bare alone", "path to bare", "bare alone", { floor: 0.25 }),
        measured.ratio("path to ingestion ÷ bare alone", "path to ingestion", "bare alone"),
      ],
      notes: [
        `${plan.connections} kept-alive connections, closed loop, the internal key; the same requests everywhere. Rate limits are set too high to matter, and still counted.`,
        "Two sets of the same nginx and gateways run side by side, and only the one that is measured has work. Everything shares the machine's cores, the load generator too.",
      ],
    };
  },
};
