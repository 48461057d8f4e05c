import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { nodeProcess } from "../process/node-process.ts";
import { prepareNginx } from "../nginx.ts";
import type { ServerSpec } from "../process/spec.ts";
import { prepareNats } from "../servers/nats.ts";
import { ensureDatabase, preparePostgres, urlOf } from "../servers/postgres.ts";
import { prepareRedis } from "../servers/redis.ts";
import { type Server, startOnFreePort } from "../servers/server.ts";

/** What can be asked for; `name` tells two of a kind apart. */
export type Wanted =
  | { readonly kind: "postgres" | "nats" | "redis"; readonly name: string }
  | {
      readonly kind: "process";
      readonly name: string;
      /** The file to run, from the package's root. */
      readonly entry: string;
      readonly env: NodeJS.ProcessEnv;
    }
  | {
      readonly kind: "nginx";
      readonly name: string;
      /** The base URLs that it balances over. */
      readonly gateways: readonly string[];
    }
  | { readonly kind: "return"; readonly name: string };

export type Lent = {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
};

/** `url` is the database's as its owner. */
export type LentPostgres = Lent & {
  /** The same database as the server's administrator. */
  readonly administratorUrl: string;
};

export type LendingDesk = {
  /** Starts what is wanted on a free port and waits until it answers; or stops what is given back. */
  lend(wanted: Wanted): Promise<Lent | LentPostgres | undefined>;
  stopAll(): Promise<void>;
};

const DATABASE = "ecs";

/** Starts servers and processes one by one, set up as `npm start` does, their data and logs in the folder. */
export const openLendingDesk = (folder: string): LendingDesk => {
  const running = new Map<string, Server>();

  const start = async (name: string, prepare: (port: number) => Promise<ServerSpec>): Promise<Server> => {
    if (running.has(name)) throw new Error(`${name} is running already`);
    await mkdir(folder, { recursive: true, mode: 0o711 });
    const server = await startOnFreePort(prepare);
    running.set(name, server);
    return server;
  };
  const lent = (name: string, { url, pid }: Server): Lent => ({ name, url, pid });

  return {
    lend: async (wanted) => {
      if (wanted.kind === "return") {
        await running.get(wanted.name)?.stop();
        running.delete(wanted.name);
        return undefined;
      }
      if (wanted.kind === "process") {
        const { name, entry, env } = wanted;
        const logFile = join(folder, `${name}.log`);
        const prepare = async (port: number) => nodeProcess({ name, entry, port, env, logFile });
        return lent(name, await start(name, prepare));
      }
      const { name } = wanted;
      const own = join(folder, name);
      if (wanted.kind === "nginx") {
        const { gateways } = wanted;
        const prepare = async (port: number) => prepareOwnNginx(own, port, gateways);
        return lent(name, await start(name, prepare));
      }
      const { kind } = wanted;
      const found = lent(name, await start(name, (port) => prepareServer(kind, own, port)));
      if (kind !== "postgres") return found;
      const url = await ensureDatabase(found.url, DATABASE);
      return { ...found, url, administratorUrl: urlOf(found.url, DATABASE) };
    },
    stopAll: async () => {
      // What was started last leans on what was started first.
      for (const server of [...running.values()].toReversed()) await server.stop();
      running.clear();
    },
  };
};

const prepareOwnNginx = (folder: string, port: number, gateways: readonly string[]): ServerSpec => {
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  const accessLog = join(folder, "access.log");
  return prepareNginx({ home: { data: folder, logs: folder }, port, gateways, accessLog });
};

const prepareServer = (
  kind: "postgres" | "nats" | "redis",
  folder: string,
  port: number,
): Promise<ServerSpec> => {
  const password = randomBytes(16).toString("hex");
  if (kind === "postgres") return preparePostgres({ folder, port, password });
  if (kind === "nats") return prepareNats({ folder, port, token: password });
  return prepareRedis({ folder, port, password });
};
