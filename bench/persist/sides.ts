import type { WarmSide } from "../bench.ts";
import { withoutNumber } from "../load/load-side.ts";
import { countCpu } from "../measure/cpu.ts";
import { residentMb } from "../measure/memory.ts";
import type { Lender, Lent } from "../system/lender.ts";
import type { Broker } from "../../platform/messaging/connect.ts";
import type { Sql } from "../../platform/database/connect.ts";
import type { Kind } from "./kinds.ts";
import { copyRows, emptyTables, requireEvents } from "./tables.ts";
import { untilAcknowledged } from "./watch-consumer.ts";

/** A broker whose streams hold every event already. */
export type FullBroker = {
  readonly server: Lent;
  readonly connection: Broker;
  readonly eventsPerMessage: number;
};

export type PersistSurroundings = {
  readonly lender: Lender;
  readonly postgres: Lent;
  readonly sql: Sql;
  /** Events in a stream, the first ones to warm up included. */
  readonly events: number;
  readonly warmUpEvents: number;
};

/** One worker, started afresh, from a full stream until everything is committed and acknowledged. */
export const workerSide = (
  { lender, postgres, sql, events, warmUpEvents }: PersistSurroundings,
  kind: Kind,
  { server, connection, eventsPerMessage }: FullBroker,
): WarmSide => ({
  name: `${kind.name}, ${eventsPerMessage === 1 ? "one event" : `${eventsPerMessage} events`} a message`,
  unit: "events",
  prepare: async () => {
    await emptyTables(sql, kind);
    // The worker makes it again and finds the whole stream before it.
    await connection.jsm.consumers.delete(kind.consumer.stream, kind.consumer.name);
  },
  measure: async () => {
    const worker = await lender.process(`${kind.name}-1`, kind.entry, {
      NATS_URL: server.url,
      DATABASE_URL: postgres.url,
      STREAM_REPLICAS: "1",
    });
    try {
      const reach = (count: number) =>
        untilAcknowledged(connection, kind.consumer, Math.ceil(count / eventsPerMessage));
      const begin = await reach(warmUpEvents);
      const used = countCpu([worker, server, postgres].map(withoutNumber));
      const end = await reach(events);
      const cpu = used();
      await requireEvents(sql, kind, events);
      const count = (end.acknowledged - begin.acknowledged) * eventsPerMessage;
      return {
        count,
        seconds: (end.at - begin.at) / 1_000,
        cpu,
        rssMb: residentMb([worker].map(withoutNumber)),
      };
    } finally {
      await lender.giveBack(worker);
    }
  },
});

/** The reference: the same rows by COPY into the same table; neither identities nor totals are kept. */
export const copySide = (
  { postgres, sql, events }: PersistSurroundings,
  kind: Kind,
  chunks: readonly Buffer[],
): WarmSide => ({
  name: `COPY into ${kind.table}`,
  unit: "events",
  prepare: () => emptyTables(sql, kind),
  measure: async () => {
    const used = countCpu([postgres]);
    const begin = performance.now();
    await copyRows(sql, kind, chunks);
    return { count: events, seconds: (performance.now() - begin) / 1_000, cpu: used() };
  },
});
