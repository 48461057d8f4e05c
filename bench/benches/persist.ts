import { measureSides } from "../bench.ts";
import type { Bench, Context, WarmSide } from "../bench.ts";
import { fillStream, toMessages } from "../persist/fill-stream.ts";
import { kinds } from "../persist/kinds.ts";
import type { Kind } from "../persist/kinds.ts";
import { consumeSide, pgbenchSide, publishSide } from "../persist/raw-sides.ts";
import { copySide, workerSide } from "../persist/sides.ts";
import type { FullBroker, PersistSurroundings } from "../persist/sides.ts";
import { toChunks } from "../persist/tables.ts";
import { openBroker, openDatabase } from "../system/connections.ts";
import { migrate } from "../system/migrate.ts";

const USERS = 2_000;
const SPAN_MS = 6 * 3_600_000;
// What intake puts together under load.
const EVENTS_PER_MESSAGE = 25;
const FLOOR = 40_000;
const RATIO_FLOOR = 0.25;
const MEMORY_CEILING_MB = 350;

export const persist: Bench = {
  name: "persist",
  title: "Persistence: one worker from a full stream to committed rows, against COPY",
  run: async (context) => {
    const { plan, lender } = context;
    const [postgres, ...servers] = await Promise.all([
      lender.postgres(),
      lender.server("nats", "nats-1"),
      lender.server("nats", "nats-2"),
    ]);
    for (const server of servers) await migrate(postgres, server);
    const sql = openDatabase(postgres.url, 2);
    const brokers = await Promise.all(
      servers.map(async (server, index): Promise<FullBroker> => ({
        server,
        connection: await openBroker(server.url),
        eventsPerMessage: index === 0 ? 1 : EVENTS_PER_MESSAGE,
      })),
    );
    try {
      const events = plan.persistedWarmUp + plan.persisted;
      const at = { lender, postgres, sql, events, warmUpEvents: plan.persistedWarmUp };
      return await measure(context, at, brokers);
    } finally {
      await Promise.all(brokers.map(({ connection }) => connection.close()));
      await sql.end({ timeout: 5 });
    }
  },
};

const measure = async (context: Context, at: PersistSurroundings, brokers: readonly FullBroker[]) => {
  const sides: { worker: WarmSide; copy: WarmSide }[] = [];
  const raw: WarmSide[] = [];
  for (const kind of kinds) {
    const { rows, lines } = await fill(context, at, brokers, kind);
    const copy = copySide(at, kind, rows);
    const [single] = brokers;
    if (single && raw.length === 0) raw.push(consumeSide(at, single), publishSide(at, single, lines));
    sides.push(...brokers.map((broker) => ({ worker: workerSide(at, kind, broker), copy })));
  }
  const plan = { ...context.plan, rounds: context.plan.persistRounds };
  const pgbench = await pgbenchSide(at);
  if (pgbench) raw.push(pgbench);
  const all = new Set([...sides.flatMap(({ worker, copy }) => [worker, copy]), ...raw]);
  const measured = await measureSides({ ...context, plan }, [...all]);
  const findings = sides.flatMap(({ worker, copy }) => [
    {
      label: worker.name,
      value: measured.summary(worker.name).rate.median,
      unit: "events/s" as const,
      floor: FLOOR,
    },
    measured.ratio(`${worker.name} ÷ ${copy.name}`, worker.name, copy.name, { floor: RATIO_FLOOR }),
  ]);
  const memory = sides.map(({ worker }) => ({
    label: `${worker.name}: most memory at the end of a round`,
    value: Math.max(...Object.values(measured.summary(worker.name).rssMb ?? {})),
    unit: "MB" as const,
    ceiling: MEMORY_CEILING_MB,
  }));
  return {
    sides: measured.sides,
    findings: [...findings, ...memory],
    notes: [
      `${at.events.toLocaleString("en")} events of ${USERS.toLocaleString("en")} people within six hours, all in the stream before the worker starts; the first ${at.warmUpEvents.toLocaleString("en")} warm it up and do not count. The clock stops when every row is committed and every message acknowledged; rows and daily totals are then counted and must be exact.`,
      `Every round has empty tables and a new worker process; the database keeps \`npm start\`'s durable settings. Intake gathers about ${EVENTS_PER_MESSAGE} events a message under load.`,
      "COPY loads the same rows into the same partitioned, indexed table in one transaction, without identities and daily totals.",
      "JetStream alone: one event a message, file storage, the bench's own process at the other end; it shows what the broker and the client library take of the worker's time. pgbench: two clients, scale 5, for the same server's rate of small transactions.",
    ],
  };
};

/** Puts one kind's events into both brokers; returns their lines, and their rows for COPY. */
const fill = async (
  { say }: Context,
  { events: count }: PersistSurroundings,
  brokers: readonly FullBroker[],
  kind: Kind,
): Promise<{ rows: Buffer[]; lines: string[] }> => {
  const events = kind.generate({ count, users: USERS, seed: 3, until: Date.now(), spanMs: SPAN_MS });
  const lines = events.map(({ line }) => line);
  const begin = performance.now();
  for (const { connection, eventsPerMessage } of brokers) {
    await fillStream(connection, kind.consumer.filterSubject, toMessages(lines, eventsPerMessage));
  }
  say(`  ${kind.consumer.stream} filled twice in ${((performance.now() - begin) / 1_000).toFixed(1)} s`);
  return { rows: toChunks(events.map(({ row }) => row)), lines };
};
