import { headers } from "@nats-io/nats-core";
import { expect, test } from "vitest";
import { streams } from "../../contracts/streams.ts";
import { connectBroker } from "../../platform/messaging/connect.ts";
import { ensureStream } from "../../platform/messaging/provision-streams.ts";
import { createLogger } from "../../platform/observability/logger.ts";
import { startNats } from "../../tests/harness/servers.ts";
import { readPublished } from "./read-published.ts";

test("every message id that the ledger's stream holds is read, whatever its subject, and from when on they are complete", async () => {
  await using nats = await startNats();
  const logger = createLogger({ PROCESS_NAME: "test", LOG_LEVEL: "silent" });
  const broker = await connectBroker({ url: nats.url, name: "test" }, logger);
  const { signal } = new AbortController();
  try {
    expect(await readPublished(broker, signal)).toBeUndefined();
    await ensureStream(broker.jsm, streams.LEDGER, 1, logger);
    expect(await readPublished(broker, signal)).toEqual({ messageIds: [], since: new Date(0) });

    const publish = async (subject: string, id: string): Promise<void> => {
      const hdrs = headers();
      hdrs.set("Nats-Msg-Id", id);
      await broker.js.publish(subject, "{}", { headers: hdrs });
    };
    const ids = Array.from({ length: 250 }, (_, index) => `id-${index}`);
    for (const [index, id] of ids.entries())
      await publish(index % 2 === 0 ? "transaction.completed" : "account.created", id);
    expect(await readPublished(broker, signal)).toEqual({ messageIds: ids, since: new Date(0) });

    await broker.jsm.streams.purge("LEDGER", { keep: 10 });
    const left = await readPublished(broker, signal);
    expect(left?.messageIds).toEqual(ids.slice(-10));
    expect(left!.since.getTime()).toBeGreaterThan(Date.now() - 60_000);
  } finally {
    await broker.close();
  }
});
