import { measureSides } from "../bench.ts";
import type { Bench } from "../bench.ts";
import { ratePoint } from "../growth/points.ts";
import { emotionRequests } from "../load/emotion-requests.ts";
import { loadSide } from "../load/load-side.ts";
import { openEntrance } from "../system/entrance.ts";
import { startIngestion } from "../system/ingestion.ts";
import { secrets } from "../system/secrets.ts";
import { openServers } from "../system/servers.ts";

const REPLICAS = [1, 2, 4];
const nameOf = (replicas: number): string => (replicas === 1 ? "1 replica" : `${replicas} replicas`);

export const growthIntake: Bench = {
  name: "growth-intake",
  title: "Growth: replicas of ingestion behind nginx and two gateways",
  run: async (context) => {
    const { plan, lender, generator } = context;
    const { postgres, nats, redis } = await openServers(lender);
    await lender.giveBack(postgres);
    const all = await startIngestion(lender, nats, Math.max(...REPLICAS));
    const headers = { "x-internal-key": secrets.INTERNAL_KEY };
    await generator.setPool("emotions", emotionRequests(plan.requests, headers));
    const sides = await Promise.all(
      REPLICAS.map(async (count) => {
        const ingestion = all.slice(0, count);
        // The other upstreams get no requests here; a gateway wants an address for each.
        const upstreams = { transactionIngestion: ingestion, emotionIngestion: ingestion };
        const entrance = await openEntrance(lender, `of-${count}-`, redis, upstreams);
        return loadSide({
          name: nameOf(count),
          generator,
          job: {
            target: entrance.url,
            pool: "emotions",
            connections: plan.connections,
            until: { seconds: plan.seconds },
            expectedStatus: 202,
          },
          warmUp: { answers: plan.pathWarmUp },
          processes: [...entrance.processes, ...ingestion, nats, redis],
        });
      }),
    );
    const measured = await measureSides({ ...context, plan: { ...plan, rounds: plan.growthRounds } }, sides);
    return {
      sides: measured.sides,
      findings: [measured.ratio("4 replicas ÷ 1", nameOf(4), nameOf(1))],
      notes: [
        `${plan.connections} kept-alive connections, closed loop, single events. Each number of replicas has two gateways and an nginx of its own, and only those that are measured have work. All of it shares the machine's cores with the load generator.`,
      ],
      curves: [
        {
          title: "Single events acknowledged",
          across: "replicas of ingestion",
          unit: "requests/s",
          series: [
            {
              name: "through nginx and gateways",
              points: REPLICAS.map((count) => ratePoint(count, measured.summary(nameOf(count)))),
            },
          ],
        },
      ],
    };
  },
};
