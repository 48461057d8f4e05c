import type { ServerSpec } from "../../stack/process/spec.ts";
import { prepareNats } from "../../stack/servers/nats.ts";
import { ensureDatabase, preparePostgres } from "../../stack/servers/postgres.ts";
import { prepareRedis } from "../../stack/servers/redis.ts";
import type { Server } from "../../stack/servers/server.ts";
import { startOnOwnPort } from "./own-port.ts";
import { inTemporaryFolder } from "./temporary-folder.ts";

export type { Server } from "../../stack/servers/server.ts";

export type PrivatePostgres = Server & {
  /** The URL of an empty database in it. */
  readonly databaseUrl: string;
};

export type PostgresTuning = {
  /** True keeps fsync and full page writes, as a test that kills the server needs. */
  readonly durable?: boolean;
  readonly sharedBuffers?: string;
  readonly maxConnections?: number;
};

/** A private JetStream server on a free port, its store in a folder that goes when it is disposed. */
export const startNats = (options: { token?: string; maxStore?: string } = {}): Promise<Server> =>
  inTemporaryFolder("nats", (folder) => startOnOwnPort((port) => prepareNats({ folder, port, ...options })));

/** A private Redis on a free port. */
export const startRedis = (options: { password?: string; maxMemory?: string } = {}): Promise<Server> =>
  inTemporaryFolder("redis", (folder) =>
    startOnOwnPort((port) => prepareRedis({ folder, port, ...options })),
  );

/** A PostgreSQL of one's own, to be killed and started again; most tests want `freshDatabase()` instead. */
export const startPostgres = async (tuning: PostgresTuning = {}): Promise<PrivatePostgres> => {
  const server = await inTemporaryFolder("postgres", (folder) =>
    startOnOwnPort((port): Promise<ServerSpec> => {
      const defaults = { durable: true, sharedBuffers: "64MB", maxConnections: 100 };
      return preparePostgres({ folder, port, password: "test", ...defaults, ...tuning });
    }),
  );
  const databaseUrl = await ensureDatabase(server.url, "ecs");
  return Object.create(server, { databaseUrl: { value: databaseUrl, enumerable: true } }) as PrivatePostgres;
};
