import { join } from "node:path";
import type { StackConfig } from "./config.ts";
import type { Home } from "./home/home.ts";
import type { Secrets } from "./home/secrets.ts";
import { reserveFreePort, type Reservation } from "./process/free-port.ts";
import type { ServerSpec } from "./process/spec.ts";
import { requireListener } from "./servers/external.ts";
import { prepareNats } from "./servers/nats.ts";
import { ensureDatabase, preparePostgres } from "./servers/postgres.ts";
import { prepareRedis } from "./servers/redis.ts";
import type { ServerName } from "./servers/programs.ts";

export type ServerUrls = {
  readonly databaseUrl: string;
  readonly natsUrl: string;
  readonly redisUrl: string;
};

type Deps = {
  readonly config: StackConfig;
  readonly home: Home;
  readonly secrets: Secrets;
  /** Starts a server and keeps it running. */
  readonly start: (spec: ServerSpec) => Promise<void>;
};

/** The servers that a stack with this configuration starts itself. */
export const privateServers = (config: StackConfig): ServerName[] => [
  ...(config.DATABASE_URL ? [] : (["postgres"] as const)),
  ...(config.NATS_URL ? [] : (["nats"] as const)),
  ...(config.REDIS_URL ? [] : (["redis"] as const)),
  "nginx",
];

/** Starts PostgreSQL, NATS and Redis side by side, or finds those that the environment names. */
export const startServers = async (deps: Deps): Promise<ServerUrls> => {
  const [databaseUrl, natsUrl, redisUrl] = await Promise.all([database(deps), broker(deps), cache(deps)]);
  return { databaseUrl, natsUrl, redisUrl };
};

const database = async ({ config, home, secrets, start }: Deps): Promise<string> => {
  if (config.DATABASE_URL) {
    await requireListener("DATABASE_URL", config.DATABASE_URL, 5432);
    return config.DATABASE_URL;
  }
  const folder = join(home.data, "postgres");
  const spec = await onReservedPort((port) =>
    preparePostgres({ folder, port, password: secrets.databasePassword }),
  );
  await start(spec);
  return ensureDatabase(spec.url, "ecs");
};

const broker = async ({ config, home, secrets, start }: Deps): Promise<string> => {
  if (config.NATS_URL) {
    await requireListener("NATS_URL", config.NATS_URL, 4222);
    return config.NATS_URL;
  }
  const folder = join(home.data, "nats");
  const spec = await onReservedPort((port) => prepareNats({ folder, port, token: secrets.natsToken }));
  await start(spec);
  return spec.url;
};

const cache = async ({ config, home, secrets, start }: Deps): Promise<string> => {
  if (config.REDIS_URL) {
    await requireListener("REDIS_URL", config.REDIS_URL, 6379);
    return config.REDIS_URL;
  }
  const folder = join(home.data, "redis");
  const spec = await onReservedPort((port) =>
    prepareRedis({ folder, port, password: secrets.redisPassword }),
  );
  await start(spec);
  return spec.url;
};

const onReservedPort = async (prepare: (port: number) => Promise<ServerSpec>): Promise<ServerSpec> => {
  const reservation = await reserveFreePort();
  return releasing(await prepare(reservation.port), reservation);
};

/** The same process, given its port at the moment it starts. */
export const releasing = (spec: ServerSpec, reservation: Reservation): ServerSpec => ({
  ...spec,
  beforeStart: async () => {
    await reservation.release();
    await spec.beforeStart?.();
  },
});
