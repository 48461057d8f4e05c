import { StorageType } from "@nats-io/jetstream";
import type { Broker } from "../../platform/messaging/connect.ts";
import type { WarmSide } from "../bench.ts";
import { countCpu } from "../measure/cpu.ts";
import { fillStream } from "../persist/fill-stream.ts";
import type { Lent } from "../system/lender.ts";

const STREAM = "BENCH_INTAKE";
const RAW_SUBJECT = "bench.intake.raw";
/** What a server publishes to that is compared with intake. */
export const BARE_SUBJECT = "bench.intake.bare";

/** A stream on disk, as those of events are, for what is only compared. */
export const addScratchStream = async ({ jsm }: Broker): Promise<void> => {
  await jsm.streams.add({ name: STREAM, subjects: [RAW_SUBJECT, BARE_SUBJECT], storage: StorageType.File });
};

/** JetStream alone: this process publishes the same bodies, a message each, and awaits every acknowledgement. */
export const rawPublishSide = (
  name: string,
  broker: Broker,
  nats: Lent,
  bodies: readonly string[],
): WarmSide => ({
  name,
  unit: "requests",
  warmUp: () => fillStream(broker, RAW_SUBJECT, bodies),
  prepare: async () => void (await broker.jsm.streams.purge(STREAM)),
  measure: async () => {
    const used = countCpu([nats, { name: "bench", pid: process.pid }]);
    const begin = performance.now();
    await fillStream(broker, RAW_SUBJECT, bodies);
    return { count: bodies.length, seconds: (performance.now() - begin) / 1_000, cpu: used() };
  },
});
