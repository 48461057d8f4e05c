import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ServerSpec } from "../process/spec.ts";
import { requireServer } from "./missing.ts";
import { firstAnswer } from "./tcp.ts";

export type RedisOptions = {
  readonly folder: string;
  readonly port: number;
  readonly password?: string;
  readonly maxMemory?: string;
};

/** A Redis on loopback that is only a cache: bounded memory, nothing on disk. */
export const prepareRedis = async (options: RedisOptions): Promise<ServerSpec> => {
  const { folder, port, password } = options;
  const command = requireServer("redis");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const config = join(folder, "redis.conf");
  await writeFile(config, renderConfig(options), { mode: 0o600 });
  await chmod(config, 0o600);
  const hello = password ? `AUTH ${password}\r\nPING\r\n` : "PING\r\n";
  return {
    name: "redis",
    url: `redis://${password ? `:${password}@` : ""}127.0.0.1:${port}`,
    port,
    command,
    args: [config],
    env: { PATH: process.env["PATH"] },
    cwd: folder,
    logFile: join(folder, "redis.log"),
    stopSignal: "SIGTERM",
    startWithinMs: 15_000,
    stopWithinMs: 5_000,
    ready: async () => {
      const answer = await firstAnswer(port, hello);
      if (!/^\+(OK|PONG)/.test(answer)) throw new Error(answer.trim());
    },
  };
};

const renderConfig = ({ folder, port, password, maxMemory = "128mb" }: RedisOptions): string =>
  [
    "bind 127.0.0.1",
    `port ${port}`,
    "daemonize no",
    `dir ${JSON.stringify(folder)}`,
    'save ""',
    "appendonly no",
    `maxmemory ${maxMemory}`,
    "maxmemory-policy allkeys-lru",
    ...(password ? [`requirepass ${password}`] : []),
    "",
  ].join("\n");
