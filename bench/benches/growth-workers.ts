import { measureSides } from "../bench.ts";
import type { Bench } from "../bench.ts";
import { drainSide } from "../growth/drain-side.ts";
import { ratePoint } from "../growth/points.ts";
import { withServers } from "../growth/surroundings.ts";

const REPLICAS = [1, 2, 4];
const nameOf = (workers: number): string => (workers === 1 ? "1 worker" : `${workers} workers`);

export const growthWorkers: Bench = {
  name: "growth-workers",
  title: "Growth: workers that share one stream",
  run: (context) =>
    withServers(context, async (at) => {
      const { plan } = context;
      const events = at.kind.generate({
        count: plan.growthEvents,
        users: 2_000,
        seed: 11,
        until: Date.now(),
        spanMs: 6 * 3_600_000,
      });
      const lines = events.map(({ line }) => line);
      const sides = REPLICAS.map((workers) =>
        drainSide(at, { name: nameOf(workers), workers, lines: () => lines }),
      );
      const measured = await measureSides(
        { ...context, plan: { ...plan, rounds: plan.growthRounds } },
        sides,
      );
      return {
        sides: measured.sides,
        findings: [measured.ratio("4 workers ÷ 1", nameOf(4), nameOf(1))],
        notes: [
          `${plan.growthEvents.toLocaleString("en")} emotions of 2,000 people, 25 a message, from a full stream to committed rows; the first quarter warms up. The workers, PostgreSQL and the broker share the machine's cores, so that a curve which stays flat says that these are used up already.`,
        ],
        curves: [
          {
            title: "Events committed",
            across: "workers",
            unit: "events/s",
            series: [
              {
                name: "emotion-processing",
                points: REPLICAS.map((workers) => ratePoint(workers, measured.summary(nameOf(workers)))),
              },
            ],
          },
        ],
      };
    }),
};
