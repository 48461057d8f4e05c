import { analysisRequests, predictionRequest, settlePeople } from "../analysis/people.ts";
import { measureSides } from "../bench.ts";
import type { Bench, Context, Plan } from "../bench.ts";
import { loadSide } from "../load/load-side.ts";
import type { LoadJob } from "../load/protocol.ts";
import { untilDiskIsQuiet } from "../measure/quiet-disk.ts";
import { openDatabase } from "../system/connections.ts";
import { openCreditPath } from "../system/credit-path.ts";
import { openBareEntrance } from "../system/entrance.ts";
import type { Lent } from "../system/lender.ts";

const CACHED_PEOPLE = 200;
const CONNECTIONS = 16;

export const analysis: Bench = {
  name: "analysis",
  title: "Credit analysis through nginx and two gateways: remembered, and computed afresh",
  run: async (context) => {
    const { plan, lender, generator } = context;
    const { entrance, postgres, redis, models, credit } = await openCreditPath(lender);
    const bare = await openBareEntrance(lender, redis);
    await fillPools(context, postgres);

    const processes = [...entrance.processes, ...credit, ...models, redis, postgres];
    const common = { target: entrance.url, expectedStatus: 200 };
    const remembered: Omit<LoadJob, "target"> = {
      pool: "remembered",
      connections: CONNECTIONS,
      until: { seconds: plan.seconds },
      expectedStatus: 200,
    };
    const warmUp = { answers: plan.pathWarmUp };
    const one = { connections: 1, until: { answers: plan.singleAnalyses } };
    const measured = await measureSides(context, [
      loadSide({
        name: CACHED,
        generator,
        job: { ...remembered, ...common },
        // The first answer to each person is computed; from then on it is remembered.
        warmUp,
        processes,
      }),
      loadSide({
        name: BARE,
        generator,
        job: { ...remembered, target: bare.url, expectedStatus: 202 },
        warmUp,
        processes: [...bare.processes, redis],
      }),
      loadSide({
        name: FRESH,
        generator,
        job: { ...common, pool: "fresh", connections: CONNECTIONS, until: { answers: plan.analyses } },
        warmUp: { answers: plan.warmUpAnalyses },
        processes,
      }),
      {
        ...loadSide({
          name: FRESH_SINGLE,
          generator,
          job: { ...common, ...one, pool: "fresh" },
          warmUp: { answers: plan.singleAnalyses },
          processes,
        }),
        prepare: untilDiskIsQuiet,
      },
      loadSide({
        name: MODEL_SINGLE,
        generator,
        job: { ...one, target: models[0]?.url ?? "", pool: "model", expectedStatus: 200 },
        warmUp: { answers: plan.singleAnalyses },
        processes: models,
      }),
    ]);
    const p50 = (side: string): number => measured.summary(side).p50Ms?.median ?? Number.NaN;
    return {
      sides: measured.sides,
      findings: [
        measured.ratio("remembered ÷ the same path to bare", CACHED, BARE, { floor: 0.5 }),
        {
          label: "afresh, one at a time: p50 without the model's own",
          value: p50(FRESH_SINGLE) - p50(MODEL_SINGLE),
          unit: "ms",
          ceiling: 3,
        },
      ],
      notes: [
        `${CONNECTIONS} connections, closed loop, where it does not say one at a time. Remembered: ${CACHED_PEOPLE} people who ask again within their cool-off. Afresh: each request is a person's first, with thirty days of totals in the database: features, model, decision and offer stored.`,
        "The model's own time is measured by asking it directly, one request at a time. Before a round of single analyses everything that earlier ones left to be written is on the disk.",
      ],
    };
  },
};

const CACHED = "analysis, remembered";
const BARE = "the same path to bare";
const FRESH = "analysis, afresh";
const FRESH_SINGLE = "analysis, afresh, one at a time";
const MODEL_SINGLE = "the model alone, one at a time";

/** Requests are taken from a pool in turn, so that every fresh one is for a person who never asked before. */
const fillPools = async ({ plan, generator }: Context, postgres: Lent): Promise<void> => {
  const sql = openDatabase(postgres.url, 1);
  try {
    const ids = await settlePeople(sql, CACHED_PEOPLE + freshPeople(plan));
    const requests = await analysisRequests(ids);
    await generator.setPool("remembered", requests.slice(0, CACHED_PEOPLE));
    await generator.setPool("fresh", requests.slice(CACHED_PEOPLE));
    await generator.setPool("model", [predictionRequest]);
  } finally {
    await sql.end({ timeout: 5 });
  }
};

// The warm-up of the single ones takes as many as a round.
const freshPeople = ({ rounds, analyses, singleAnalyses, warmUpAnalyses }: Plan): number =>
  warmUpAnalyses + rounds * analyses + (rounds + 1) * singleAnalyses;
