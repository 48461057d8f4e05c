import pino from "pino";
import { connectDatabase } from "../../platform/database/connect.ts";
import { GATEWAY_KEY_HEADER, callerHeaders } from "../../platform/identity/caller.ts";
import { EVENTS_PER_PERSON, storeHistory } from "../analysis/history.ts";
import { measureSides } from "../bench.ts";
import type { Bench, Context, WarmSide } from "../bench.ts";
import { loadSide } from "../load/load-side.ts";
import type { Lent } from "../system/lender.ts";
import { migrate } from "../system/migrate.ts";
import { secrets } from "../system/secrets.ts";

const ASKED = 20;
const MOST_GROWTH = 1.2;

export const stored: Bench = {
  name: "stored",
  title: "Credit analysis computed afresh, against how many events are stored",
  run: async (context) => {
    const { lender, plan } = context;
    const [nats, redis, model] = await Promise.all([
      lender.server("nats"),
      lender.server("redis"),
      lender.process("ml-mock-1", "ml-mock/main.ts", {}),
    ]);
    const sides: WarmSide[] = [];
    for (const events of plan.storedEvents)
      sides.push(await sideWith(context, events, { nats, redis, model }));
    const measured = await measureSides(context, sides);
    const p50 = (side: WarmSide | undefined) => measured.summary(side?.name ?? "").p50Ms ?? NOT_MEASURED;
    const [least, most] = [sides[0], sides.at(-1)];
    return {
      sides: measured.sides,
      findings: [
        {
          label: `p50 with ${most?.name} ÷ with ${least?.name}`,
          value: p50(most).median / p50(least).median,
          unit: "×",
          ceiling: MOST_GROWTH,
        },
      ],
      plot: {
        title: "p50 of an analysis in ms",
        bars: sides.map((side) => ({ label: side.name, ...p50(side) })),
      },
      notes: [
        `Emotion events of the last thirty days, ${EVENTS_PER_PERSON} a person, and the daily totals that belong to them, made by SQL; each amount in a PostgreSQL and a credit-service of its own, all asked in turn.`,
        `One request at a time, straight to the service, from ${ASKED} people without a cool-off, so that every request reads the features, asks the model, and stores a decision and an offer.`,
      ],
    };
  },
};

const NOT_MEASURED = { median: Number.NaN, min: Number.NaN, max: Number.NaN };

type Shared = { readonly nats: Lent; readonly redis: Lent; readonly model: Lent };

/** A database with so many events, and a service on it. */
const sideWith = async (
  { lender, generator, plan, say }: Context,
  events: number,
  { nats, redis, model }: Shared,
): Promise<WarmSide> => {
  const postgres = await lender.server("postgres", `postgres-${events}`);
  await migrate(postgres, nats);
  const quiet = pino({ level: "silent" });
  const options = { url: postgres.url, name: "bench", max: 1, statementTimeoutMs: 300_000 };
  const sql = connectDatabase(options, quiet);
  const begin = performance.now();
  const people = await storeHistory(sql, events, ASKED);
  await sql.end({ timeout: 5 });
  const name = `${events.toLocaleString("en")} events`;
  say(`  ${name} stored in ${((performance.now() - begin) / 1_000).toFixed(1)} s`);

  const credit = await lender.process(`credit-service-${events}`, "credit-service/main.ts", {
    DATABASE_URL: postgres.url,
    NATS_URL: nats.url,
    REDIS_URL: redis.url,
    ML_URL: model.url,
    JWT_SECRET: secrets.JWT_SECRET,
    GATEWAY_KEY: secrets.GATEWAY_KEY,
    COOL_OFF_SECONDS: "0",
  });
  const pool = `analyses-${events}`;
  await generator.setPool(
    pool,
    people.map((id) => ({
      method: "POST",
      path: `/v1/users/${id}/credit-analysis`,
      headers: { [GATEWAY_KEY_HEADER]: secrets.GATEWAY_KEY, ...callerHeaders({ kind: "user", id }) },
    })),
  );
  const job = { pool, target: credit.url, connections: 1, expectedStatus: 200 };
  return loadSide({
    name,
    generator,
    job: { ...job, until: { answers: plan.singleAnalyses } },
    warmUp: { answers: plan.storedWarmUp },
    processes: [credit, model, redis, postgres],
  });
};
