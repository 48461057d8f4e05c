import { resolve } from "node:path";
import { z } from "zod";
import { databaseUrl, integer, natsUrl, port, redisUrl, secret } from "../platform/config/fields.ts";
import { parseConfig } from "../platform/config/parse-config.ts";
import { PROCESSES, replicasVariable } from "./processes.ts";
import { ROOT } from "./root.ts";

const schema = z.object({
  /** The port of nginx; 0 takes any free one. */
  ECS_PORT: port.default(9999),
  /** Where everything lives that a stack keeps. */
  ECS_HOME: z.string().min(1).default(".ecs"),
  /** Servers that are there already; a private one is started for each that is not given. */
  DATABASE_URL: databaseUrl.optional(),
  NATS_URL: natsUrl.optional(),
  REDIS_URL: redisUrl.optional(),
  /** Copies of each stream on the servers that NATS_URL names; a private cluster keeps three. */
  STREAM_REPLICAS: integer(1, 5).default(1),
  /** How often private NATS servers sync their store to disk; their own default is every two minutes. */
  ECS_NATS_SYNC: z
    .string()
    .regex(/^(always|[1-9]\d*(ms|s|m))$/, "must be always, or a time such as 500ms, 10s or 2m")
    .optional(),
  /** How large private NATS servers grow before they collect garbage. */
  ECS_NATS_MEMORY: z
    .string()
    .regex(/^[1-9]\d*[KMG]iB$/, "must be a size such as 192MiB or 2GiB")
    .optional(),
  /** Secrets to use instead of the generated ones. */
  JWT_SECRET: secret.optional(),
  INTERNAL_KEY: secret.optional(),
  GATEWAY_KEY: secret.optional(),
  ML_ADMIN_KEY: secret.optional(),
  LEDGER_CHAIN_KEY: secret.optional(),
});

// Looked at here so that a wrong one is told with the others, before anything starts; each is read with its process.
const replicas = Object.fromEntries(
  PROCESSES.map((entry) => [replicasVariable(entry), integer(1, 99).optional()]),
);
const wholeSchema = schema.extend(replicas) as unknown as typeof schema;

export type StackConfig = Readonly<z.output<typeof schema>> & {
  /** Begin with empty data. */
  readonly fresh: boolean;
  /** Three NATS servers that keep three copies of each stream, not one server with one. */
  readonly cluster: boolean;
  /** The environment as it was given, for what processes may be tuned with. */
  readonly env: NodeJS.ProcessEnv;
};

const ARGUMENTS = new Set(["--fresh", "--cluster"]);

/** @throws Error naming every variable or argument that is wrong */
export const readConfig = (args: readonly string[], env: NodeJS.ProcessEnv = process.env): StackConfig => {
  const unknown = args.filter((arg) => !ARGUMENTS.has(arg));
  if (unknown.length > 0) {
    throw new Error(`unknown argument ${unknown.join(" ")}; there are ${[...ARGUMENTS].join(" and ")}`);
  }
  const config = parseConfig(wholeSchema, env);
  const cluster = args.includes("--cluster");
  if (cluster && config.NATS_URL) {
    throw new Error(
      "NATS_URL names servers to use and --cluster starts three: unset the one, or leave out the other",
    );
  }
  return Object.freeze({
    ...config,
    ECS_HOME: resolve(ROOT, config.ECS_HOME),
    fresh: args.includes("--fresh"),
    cluster,
    env,
  });
};
