import { resolve } from "node:path";
import { z } from "zod";
import { databaseUrl, natsUrl, redisUrl, secret } from "../platform/config/fields.ts";
import { parseConfig } from "../platform/config/parse-config.ts";
import { ROOT } from "./root.ts";

const schema = z.object({
  /** The port of nginx; 0 takes any free one. */
  ECS_PORT: z.coerce.number().int().min(0).max(65_535).default(9999),
  /** Where everything lives that a stack keeps. */
  ECS_HOME: z.string().min(1).default(".ecs"),
  /** Servers that are there already; a private one is started for each that is not given. */
  DATABASE_URL: databaseUrl.optional(),
  NATS_URL: natsUrl.optional(),
  REDIS_URL: redisUrl.optional(),
  /** Secrets to use instead of the generated ones. */
  JWT_SECRET: secret.optional(),
  INTERNAL_KEY: secret.optional(),
  GATEWAY_KEY: secret.optional(),
  ML_ADMIN_KEY: secret.optional(),
});

export type StackConfig = Readonly<z.output<typeof schema>> & {
  /** Begin with empty data. */
  readonly fresh: boolean;
  /** The environment as it was given, for what processes may be tuned with. */
  readonly env: NodeJS.ProcessEnv;
};

/** @throws Error naming every variable or argument that is wrong */
export const readConfig = (args: readonly string[], env: NodeJS.ProcessEnv = process.env): StackConfig => {
  const unknown = args.filter((arg) => arg !== "--fresh");
  if (unknown.length > 0) throw new Error(`unknown argument ${unknown.join(" ")}; there is only --fresh`);
  const config = parseConfig(schema, env);
  return Object.freeze({
    ...config,
    ECS_HOME: resolve(ROOT, config.ECS_HOME),
    fresh: args.includes("--fresh"),
    env,
  });
};
