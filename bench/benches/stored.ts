import { EVENTS_PER_PERSON } from "../analysis/history.ts";
import { measureSides } from "../bench.ts";
import type { Bench, Context, Measured, WarmSide } from "../bench.ts";
import type { Curve } from "../growth/curve.ts";
import { ratePoint } from "../growth/points.ts";
import { untilDiskIsQuiet } from "../measure/quiet-disk.ts";
import { analysisSide } from "../stored/analysis-side.ts";
import { fill } from "../stored/filled.ts";
import type { Filled } from "../stored/filled.ts";
import { NEW_PEOPLE, persistSide } from "../stored/persist-side.ts";
import { openBroker } from "../system/connections.ts";

const MOST_SLOWER = 1.2;
const LEAST_RATE = 0.8;

export const stored: Bench = {
  name: "stored",
  title: "Credit analysis computed afresh, and one worker, against how many events are stored",
  run: async (context) => {
    const { lender, plan } = context;
    const [nats, redis, model] = await Promise.all([
      lender.server("nats"),
      lender.server("redis"),
      lender.process("ml-mock-1", "ml-mock/main.ts", {}),
    ]);
    const databases: Filled[] = [];
    for (const events of plan.storedEvents) databases.push(await fill(context, events, nats));
    await untilDiskIsQuiet();
    const broker = await openBroker(nats.url);
    try {
      const asked: WarmSide[] = [];
      for (const database of databases)
        asked.push(await analysisSide(context, database, { nats, redis, model }));
      const persisting = databases.map((database) => persistSide(context, database, { nats, broker }));
      const analyses = await measureSides(context, asked);
      const rounds: Context = { ...context, plan: { ...plan, rounds: plan.growthRounds } };
      const persisted = await measureSides(rounds, persisting);
      return describe(context, databases, { analyses, persisted });
    } finally {
      await broker.close();
      await Promise.all(databases.map(({ sql }) => sql.end({ timeout: 5 })));
    }
  },
};

type Both = { readonly analyses: Measured; readonly persisted: Measured };

const describe = ({ plan }: Context, databases: readonly Filled[], { analyses, persisted }: Both) => {
  const [least, most] = [databases[0], databases.at(-1)].map((database) => database?.label ?? "");
  const p50 = (label: string | undefined) => analyses.summary(`analysis, ${label}`).p50Ms ?? NOT_MEASURED;
  return {
    sides: [...analyses.sides, ...persisted.sides],
    findings: [
      {
        label: `p50 of an analysis, ${most} stored ÷ ${least}`,
        value: p50(most).median / p50(least).median,
        unit: "×" as const,
        ceiling: MOST_SLOWER,
      },
      persisted.ratio(
        `persisted a second, ${most} stored ÷ ${least}`,
        `persistence, ${most}`,
        `persistence, ${least}`,
        { floor: LEAST_RATE },
      ),
    ],
    notes: [
      `Emotion events of the last thirty days, ${EVENTS_PER_PERSON} a person, with the identities and daily totals that belong to them, made by SQL; each amount in a PostgreSQL of its own, all asked in turn.`,
      "Analysis: one request at a time, straight to a credit-service, from 20 people without a cool-off, so that every request reads the features, asks the model, and stores a decision and an offer.",
      `Persistence: one worker stores ${plan.growthEvents.toLocaleString("en")} further events of ${NEW_PEOPLE.toLocaleString("en")} other people, 25 a message, from a full stream; the first quarter warms up. They are deleted before the next round.`,
    ],
    curves: curvesOf(databases, { analyses, persisted }, p50),
  };
};

const NOT_MEASURED = { median: Number.NaN, min: Number.NaN, max: Number.NaN };

const curvesOf = (
  databases: readonly Filled[],
  { persisted }: Both,
  p50: (label: string) => { median: number; min: number; max: number },
): Curve[] => [
  {
    title: "p50 of an analysis",
    across: "emotion events stored",
    unit: "ms",
    series: [
      {
        name: "credit-service",
        points: databases.map(({ events, label }) => {
          const { median, min, max } = p50(label);
          return { x: events, y: median, min, max };
        }),
      },
    ],
  },
  {
    title: "Events committed by one worker",
    across: "emotion events stored",
    unit: "events/s",
    series: [
      {
        name: "emotion-processing",
        points: databases.map(({ events, label }) =>
          ratePoint(events, persisted.summary(`persistence, ${label}`)),
        ),
      },
    ],
  },
];
