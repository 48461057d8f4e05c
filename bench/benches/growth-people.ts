import { measureSides } from "../bench.ts";
import type { Bench } from "../bench.ts";
import { drainSide } from "../growth/drain-side.ts";
import { ratePoint } from "../growth/points.ts";
import { withServers } from "../growth/surroundings.ts";

const nameOf = (people: number): string => `${people.toLocaleString("en")} people`;

export const growthPeople: Bench = {
  name: "growth-people",
  title: "Growth: people whose events arrive mixed",
  run: (context) =>
    withServers(context, async (at) => {
      const { plan } = context;
      const sides = plan.growthPeople.map((people) => {
        const options = { count: plan.growthEvents, users: people, seed: 12, spanMs: 6 * 3_600_000 };
        const lines = at.kind.generate({ ...options, until: Date.now() }).map(({ line }) => line);
        return drainSide(at, { name: nameOf(people), workers: 1, lines: () => lines });
      });
      const measured = await measureSides(
        { ...context, plan: { ...plan, rounds: plan.growthRounds } },
        sides,
      );
      return {
        sides: measured.sides,
        findings: [],
        notes: [
          `One worker, ${plan.growthEvents.toLocaleString("en")} emotions in all, each of a person picked at random; tables are empty before each round. The fewer people, the more events of a batch fall into one daily total.`,
        ],
        curves: [
          {
            title: "Events committed by one worker",
            across: "people",
            unit: "events/s",
            series: [
              {
                name: "emotion-processing",
                points: plan.growthPeople.map((people) =>
                  ratePoint(people, measured.summary(nameOf(people))),
                ),
              },
            ],
          },
        ],
      };
    }),
};
