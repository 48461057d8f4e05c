import { afterAll, expect, test } from "vitest";
import { connectBroker } from "../../platform/messaging/connect.ts";
import { createLogger } from "../../platform/observability/logger.ts";
import { removeTemporaryFolder, temporaryFolder } from "../harness/temporary-folder.ts";
import { until } from "../harness/until.ts";
import { npmStart, processesOf, readStackFile } from "./support/npm-start.ts";

const home = temporaryFolder("cluster");
afterAll(() => removeTemporaryFolder(home));

const MEMBERS = ["nats-1", "nats-2", "nats-3"];
// Each of some twenty groups may need several elections, of 4 to 9 s.
const ELECTIONS_MS = 80_000;
const logger = createLogger({ PROCESS_NAME: "test", LOG_LEVEL: "silent" });

test(
  "--cluster keeps three copies of every stream and consumer; a killed member comes back on its data",
  { timeout: 300_000 },
  async () => {
    await using start = npmStart(home, ["--cluster"]);
    const file = await start.ready();
    const names = file.processes.map(({ name }) => name).filter((name) => name.startsWith("nats"));
    expect(names.toSorted()).toEqual(MEMBERS);
    expect(file.natsUrl.split(",")).toHaveLength(3);

    const broker = await connectBroker({ url: file.natsUrl, name: "test" }, logger);
    const copies = async (): Promise<Record<string, number>> => {
      const found: Record<string, number> = {};
      for await (const { config, cluster } of broker.jsm.streams.list()) {
        found[config.name] = (cluster?.replicas ?? []).filter(({ current }) => current).length + 1;
        for await (const consumer of broker.jsm.consumers.list(config.name)) {
          const { replicas = [] } = consumer.cluster ?? {};
          found[consumer.name] = replicas.filter(({ current }) => current).length + 1;
        }
      }
      return found;
    };
    const threefold = async (): Promise<boolean> => {
      const found = Object.entries(await copies());
      return found.length >= 8 && found.every(([, count]) => count === 3);
    };
    await until(threefold, { within: ELECTIONS_MS, every: 250, what: "three copies of everything" });

    const before = file.processes.find(({ name }) => name === "nats-2")!;
    process.kill(before.pid, "SIGKILL");
    const after = await until(
      () => readStackFile(home).processes.find(({ name, pid }) => name === "nats-2" && pid !== before.pid),
      { what: "nats-2 under a new id" },
    );
    expect(after.url).toBe(before.url);
    await until(threefold, { within: ELECTIONS_MS, every: 250, what: "three copies of everything again" });
    await broker.close();
    expect(await start.end("SIGTERM")).toBe(0);
  },
);

test("the events of a cluster are not left behind by a start without it", { timeout: 60_000 }, async () => {
  await using start = npmStart(home);
  await until(() => start.exitCode() !== null, { within: 50_000, what: "a refusal" });
  expect(start.exitCode()).toBe(1);
  expect(start.output()).toMatch(
    /Cannot start: the events in .* are kept by a NATS cluster, .*: add --cluster, .* npm start -- --fresh/,
  );
  expect(processesOf(home)).toEqual([]);
});
