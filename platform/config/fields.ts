import { z } from "zod";

/** A whole number between two bounds, both allowed. */
export const integer = (min: number, max: number) => {
  const allowed = `must be a whole number from ${min} to ${max}`;
  return z.coerce
    .number(allowed)
    .refine((value) => Number.isInteger(value) && value >= min && value <= max, allowed);
};

export const port = integer(0, 65_535);

/** What every process reads. */
export const processFields = {
  PROCESS_NAME: z.string().min(1).default("process"),
  HOST: z.string().min(1).default("127.0.0.1"),
  PORT: port,
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).default("info"),
};

/** A secret shared between processes: long enough that guessing it is hopeless. */
export const secret = z.string().min(32, "must have at least 32 characters");

/** One or more base URLs, separated by commas. */
export const urlList = z
  .string()
  .transform((text) =>
    text
      .split(",")
      .map((part) => part.trim())
      .filter(Boolean),
  )
  .pipe(z.array(z.url({ protocol: /^https?$/ })).min(1));

export const databaseUrl = z.url({ protocol: /^postgres(ql)?$/, message: "must be a postgres:// URL" });
/** False behind a pooler that gives every transaction another connection and does not carry statements over. */
export const databasePrepare = z
  .enum(["true", "false"])
  .default("true")
  .transform((text) => text === "true");
export const redisUrl = z.url({ protocol: /^rediss?$/, message: "must be a redis:// URL" });
/** One or more servers of a NATS cluster, separated by commas: `nats://[token@]host:port`. */
export const natsUrl = z.string().regex(/^(nats|tls):\/\/\S+$/, "must be a nats:// URL");
