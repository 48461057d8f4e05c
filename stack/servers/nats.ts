import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ServerSpec } from "../process/spec.ts";
import { requireServer } from "./missing.ts";
import { requireSyncSetting } from "./nats-version.ts";
import { firstAnswer } from "./tcp.ts";

/** How a server finds the other members of its cluster, and they it. */
export type NatsMembership = {
  /** Under this name a member is known to the others, also after a restart on another port. */
  readonly name: string;
  /** Where it listens for the others. */
  readonly port: number;
  /** The ports of all of them. */
  readonly ports: readonly number[];
  /** The secret that they show each other. */
  readonly token: string;
};

export type NatsOptions = {
  readonly folder: string;
  readonly port: number;
  readonly token?: string;
  /** The most that JetStream may promise to its streams, such as "1GB"; three quarters of the free disk if not given. */
  readonly maxStore?: string;
  /** How often the store is synced to disk: "always", before each acknowledgement, or a time such as "10s". */
  readonly sync?: string | undefined;
  /** How large it grows before it collects garbage, such as "192MiB"; it takes more only if it has to. */
  readonly memory?: string | undefined;
  readonly member?: NatsMembership;
};

/** Three times what was live under the bulk load. */
export const BROKER_MEMORY = "192MiB";

/** A NATS server with JetStream on loopback, its store under the folder. */
export const prepareNats = async (options: NatsOptions): Promise<ServerSpec> => {
  const { folder, port, token, member, memory = BROKER_MEMORY } = options;
  const command = requireServer("nats");
  if (options.sync) requireSyncSetting(command);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const config = join(folder, "nats-server.conf");
  await writeFile(config, renderConfig(options), { mode: 0o600 });
  await chmod(config, 0o600);
  return {
    name: member?.name ?? "nats",
    url: `nats://${token ? `${token}@` : ""}127.0.0.1:${port}`,
    port,
    command,
    args: ["-c", config],
    env: { PATH: process.env["PATH"], ...collectAt(memory) },
    cwd: folder,
    logFile: join(folder, "nats.log"),
    stopSignal: "SIGTERM",
    startWithinMs: 30_000,
    stopWithinMs: 10_000,
    // The greeting is sent only after JetStream has recovered its store.
    ready: async () => {
      const greeting = await firstAnswer(port);
      if (!greeting.startsWith("INFO ")) throw new Error("something else than NATS answered");
    },
  };
};

// Go collects whenever the heap is twice what was live the last time, so that a broker's size swings by a third with what
// it happens to hold; told where to collect instead, it keeps one size, working or waiting, and `bench -- bulk` has it
// take 0.67 and 1.60 seconds of CPU per million events instead of 0.99 and 2.33.
const collectAt = (memory: string): NodeJS.ProcessEnv => ({ GOGC: "off", GOMEMLIMIT: memory });

// Ends in a newline and quotes every value: a folder may have spaces.
const renderConfig = ({ folder, port, token, maxStore, sync, member }: NatsOptions): string =>
  [
    `listen: "127.0.0.1:${port}"`,
    `server_name: "${member?.name ?? `ecs-${port}`}"`,
    "jetstream {",
    `  store_dir: ${JSON.stringify(join(folder, "jetstream"))}`,
    ...(maxStore ? [`  max_file_store: ${maxStore}`] : []),
    ...(sync ? [`  sync_interval: ${JSON.stringify(sync)}`] : []),
    "}",
    ...(token ? [`authorization { token: ${JSON.stringify(token)} }`] : []),
    ...(member ? renderCluster(member) : []),
    "",
  ].join("\n");

const renderCluster = ({ port, ports, token }: NatsMembership): string[] => [
  "cluster {",
  '  name: "ecs"',
  `  listen: "127.0.0.1:${port}"`,
  // Clients are given every member's address; another one would only confuse them.
  "  no_advertise: true",
  `  authorization { user: "member", password: ${JSON.stringify(token)} }`,
  `  routes: [${ports.map((one) => JSON.stringify(`nats-route://member:${token}@127.0.0.1:${one}`)).join(", ")}]`,
  "}",
];
