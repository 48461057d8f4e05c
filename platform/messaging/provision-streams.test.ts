import { expect, test } from "vitest";
import { startNats } from "../../tests/harness/servers.ts";
import { createLogger } from "../observability/logger.ts";
import { connectBroker } from "./connect.ts";
import { ensureStream } from "./provision-streams.ts";

const MIB = 1_024 * 1_024;
const logger = createLogger({ PROCESS_NAME: "test", LOG_LEVEL: "silent" });

test("a broker that is short of room takes every stream, the large ones with a smaller cap", async () => {
  await using server = await startNats({ maxStore: "1GB" });
  const broker = await connectBroker({ url: server.url, name: "test" }, logger);
  const caps = { SMALL: 512 * MIB, MIDDLE: 1_024 * MIB, LARGE: 8_192 * MIB, LARGEST: 8_192 * MIB };
  for (let round = 0; round < 2; round++) {
    for (const [name, maxBytes] of Object.entries(caps)) {
      const spec = { name, subjects: [`${name}.x`], maxAgeMs: 3_600_000, maxBytes };
      await ensureStream(broker.jsm, spec, 1, logger);
    }
  }
  const given = await Promise.all(
    Object.keys(caps).map(async (name) => (await broker.jsm.streams.info(name)).config.max_bytes / MIB),
  );
  expect(given).toEqual([512, 128, 64, 64]);
  await broker.close();
});
