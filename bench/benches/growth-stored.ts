import { measureSides } from "../bench.ts";
import type { Bench, Context, Measured, WarmSide } from "../bench.ts";
import { drainSide } from "../growth/drain-side.ts";
import type { DrainSurroundings } from "../growth/drain-side.ts";
import { ratePoint } from "../growth/points.ts";
import { storeEvents } from "../growth/store-events.ts";
import { withServers } from "../growth/surroundings.ts";

const PEOPLE = 100_000;

export const growthStored: Bench = {
  name: "growth-stored",
  title: "Growth: events that are stored already",
  run: (context) =>
    withServers(context, async (at) => {
      const { plan, say } = context;
      const rounds = { ...context, plan: { ...plan, rounds: plan.growthRounds } };
      const tables: Tables = { made: 0, drained: 0 };
      const steps: Step[] = [];
      for (const stored of plan.storedEvents) {
        const begin = performance.now();
        await storeEvents(at.sql, tables.made, stored, PEOPLE);
        tables.made = stored;
        say(
          `  ${stored.toLocaleString("en")} stored in ${((performance.now() - begin) / 1_000).toFixed(1)} s`,
        );
        steps.push({ stored, measured: await measureSides(rounds, [drainOnTop(context, at, tables)]) });
      }
      const [least, most] = [steps[0], steps.at(-1)].map((step) => step?.measured.sides[0]?.rate.median ?? 0);
      return {
        sides: steps.flatMap(({ measured }) => measured.sides),
        findings: [
          { label: "events a second, most stored ÷ least", value: (most ?? 0) / (least ?? 1), unit: "×" },
        ],
        notes: [
          `Made-up emotions of ${PEOPLE.toLocaleString("en")} people within 25 days, stored as workers store them: rows, identities, totals. One worker persists ${plan.growthEvents.toLocaleString("en")} further events a round, 25 a message, the first quarter to warm up. Sizes follow one another, because what is stored stays.`,
        ],
        curves: [
          {
            title: "Events committed by one worker",
            across: "emotion events stored",
            unit: "events/s",
            series: [
              {
                name: "emotion-processing",
                points: steps.map(({ stored, measured }) => ratePoint(stored, measured.sides[0]!)),
              },
            ],
          },
        ],
      };
    }),
};

type Step = { stored: number; measured: Measured };

/** Events in the tables: made up, and drained by rounds before. */
type Tables = { made: number; drained: number };

const drainOnTop = ({ plan }: Context, at: DrainSurroundings, tables: Tables): WarmSide => {
  const step = plan.storedEvents.indexOf(tables.made);
  const side = drainSide(at, {
    name: `${tables.made.toLocaleString("en")} stored`,
    workers: 1,
    lines: (round) => {
      // Events that no round before had.
      const seed = 1_000 + 100 * step + round;
      const options = { count: plan.growthEvents, users: PEOPLE, seed, spanMs: 6 * 3_600_000 };
      return at.kind.generate({ ...options, until: Date.now() }).map(({ line }) => line);
    },
    stored: () => tables.made + tables.drained,
  });
  return {
    ...side,
    measure: async (round) => {
      const sample = await side.measure(round);
      tables.drained += plan.growthEvents;
      return sample;
    },
  };
};
