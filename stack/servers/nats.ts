import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ServerSpec } from "../process/spec.ts";
import { requireServer } from "./missing.ts";
import { firstAnswer } from "./tcp.ts";

export type NatsOptions = {
  readonly folder: string;
  readonly port: number;
  readonly token?: string;
  /** The most that JetStream may promise to its streams, such as "1GB"; three quarters of the free disk if not given. */
  readonly maxStore?: string;
};

/** A NATS server with JetStream on loopback, its store under the folder. */
export const prepareNats = async (options: NatsOptions): Promise<ServerSpec> => {
  const { folder, port, token } = options;
  const command = requireServer("nats");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const config = join(folder, "nats-server.conf");
  await writeFile(config, renderConfig(options), { mode: 0o600 });
  await chmod(config, 0o600);
  return {
    name: "nats",
    url: `nats://${token ? `${token}@` : ""}127.0.0.1:${port}`,
    port,
    command,
    args: ["-c", config],
    env: { PATH: process.env["PATH"] },
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

// Ends in a newline and quotes every value: a folder may have spaces.
const renderConfig = ({ folder, port, token, maxStore }: NatsOptions): string =>
  [
    `listen: "127.0.0.1:${port}"`,
    `server_name: "ecs-${port}"`,
    "jetstream {",
    `  store_dir: ${JSON.stringify(join(folder, "jetstream"))}`,
    ...(maxStore ? [`  max_file_store: ${maxStore}`] : []),
    "}",
    ...(token ? [`authorization { token: ${JSON.stringify(token)} }`] : []),
    "",
  ].join("\n");
