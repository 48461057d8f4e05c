import { setTimeout as sleep } from "node:timers/promises";
import { consumers, streams } from "../../contracts/streams.ts";
import { subjects } from "../../contracts/subjects.ts";
import type { Sql } from "../../platform/database/connect.ts";
import type { Broker } from "../../platform/messaging/connect.ts";
import type { Plan, WarmSide } from "../bench.ts";
import type { Generator } from "../load/generator.ts";
import { measureLoad, withoutNumber } from "../load/load-side.ts";
import type { LoadJob, RequestText } from "../load/protocol.ts";
import { LOAD_GENERATOR } from "../measure/comparison.ts";
import { countCpu } from "../measure/cpu.ts";
import { residentMb } from "../measure/memory.ts";
import { untilDiskIsQuiet } from "../measure/quiet-disk.ts";
import { fillStream } from "../persist/fill-stream.ts";
import { kinds } from "../persist/kinds.ts";
import { emptyTables, requireEvents } from "../persist/tables.ts";
import type { Lender, Lent } from "../system/lender.ts";

export type BulkSurroundings = {
  readonly plan: Plan;
  readonly lender: Lender;
  readonly generator: Generator;
  readonly broker: Broker;
  readonly sql: Sql;
  readonly postgres: Lent;
  readonly nats: Lent;
  /** nginx, gateways, ingestion. */
  readonly services: readonly Lent[];
  readonly eventsPerRequest: number;
  /** Takes note of how much memory these have used, before one of them ends. */
  readonly notePeaks: (processes: readonly Lent[]) => void;
  readonly job: Omit<LoadJob, "until">;
};

const { EMOTIONS } = streams;
const { emotionProcessing } = consumers;
const WITHIN_MS = 90_000;

const emptyStream = async ({ broker }: BulkSurroundings): Promise<void> => {
  await broker.jsm.streams.purge(EMOTIONS.name);
  await untilDiskIsQuiet();
};

/** Events a second that clients have the broker's word for; nobody takes them out of the stream meanwhile. */
export const acknowledgedSide = (at: BulkSurroundings): WarmSide => ({
  name: "acknowledged by the broker",
  unit: "events",
  warmUp: () => at.generator.run({ ...at.job, until: { seconds: at.plan.warmUpSeconds } }),
  prepare: () => emptyStream(at),
  measure: async () => {
    const sample = await measureLoad({
      name: "bulk",
      generator: at.generator,
      job: { ...at.job, until: { seconds: at.plan.seconds } },
      processes: [...at.services, at.nats],
    });
    return { ...sample, count: sample.count * at.eventsPerRequest };
  },
});

/** The same lines, published to the same broker by this process. */
export const publishedSide = (at: BulkSurroundings, requests: readonly RequestText[]): WarmSide => {
  const bodies = requests.map(({ body = "" }) => body);
  const messages = Array.from({ length: at.plan.bulkCommitted }, (_, n) => bodies[n % bodies.length]!);
  return {
    name: "published directly",
    unit: "events",
    prepare: () => emptyStream(at),
    measure: async () => {
      const used = countCpu([
        { name: "bench", pid: process.pid },
        { name: "nats", pid: at.nats.pid },
      ]);
      const begin = performance.now();
      await fillStream(at.broker, subjects.emotions, messages);
      const seconds = (performance.now() - begin) / 1_000;
      return { count: messages.length * at.eventsPerRequest, seconds, cpu: used() };
    },
  };
};

/** Events a second from the first request to the last commit, with one worker behind. */
export const committedSide = (at: BulkSurroundings): WarmSide => {
  const kind = kinds.find(({ consumer }) => consumer === emotionProcessing)!;
  const events = at.plan.bulkCommitted * at.eventsPerRequest;
  return {
    name: "from client to committed rows",
    unit: "events",
    prepare: async () => {
      await emptyTables(at.sql, kind);
      await emptyStream(at);
    },
    measure: async () => {
      const worker = await at.lender.process("emotion-processing-1", kind.entry, {
        NATS_URL: at.nats.url,
        DATABASE_URL: at.postgres.url,
        STREAM_REPLICAS: "1",
      });
      try {
        const counted = [...at.services, at.nats, worker].map(withoutNumber);
        const used = countCpu([
          ...counted,
          withoutNumber(at.postgres),
          { name: LOAD_GENERATOR, pid: at.generator.pid },
        ]);
        const begin = performance.now();
        const sent = await at.generator.run({ ...at.job, until: { answers: at.plan.bulkCommitted } });
        await untilDrained(at.broker);
        const seconds = (performance.now() - begin) / 1_000;
        const [cpu, rssMb] = [used(), residentMb(counted)];
        await requireEvents(at.sql, kind, events);
        at.notePeaks([worker]);
        return { count: events, seconds, p50Ms: sent.p50Ms, p99Ms: sent.p99Ms, cpu, rssMb };
      } finally {
        await at.lender.giveBack(worker);
      }
    },
  };
};

const untilDrained = async ({ jsm }: Broker): Promise<void> => {
  const deadline = Date.now() + WITHIN_MS;
  for (;;) {
    const { num_pending, num_ack_pending } = await jsm.consumers.info(EMOTIONS.name, emotionProcessing.name);
    if (num_pending === 0 && num_ack_pending === 0) return;
    if (Date.now() > deadline) throw new Error(`${num_pending} messages are still waiting for the worker`);
    await sleep(10);
  }
};
