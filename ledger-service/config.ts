import { z } from "zod";
import {
  databasePrepare,
  databaseUrl,
  integer,
  natsUrl,
  processFields,
  secret,
} from "../platform/config/fields.ts";
import type { RiskPolicy } from "./domain/risk-policy.ts";

const decimalOrNone = z
  .string()
  .regex(/^(none|\d{1,15}(\.\d{1,4})?)$/, "must be a decimal, or none")
  .transform((text) => (text === "none" ? null : text));

export const configSchema = z.object({
  ...processFields,
  DATABASE_URL: databaseUrl,
  DATABASE_PREPARE: databasePrepare,
  NATS_URL: natsUrl,
  GATEWAY_KEY: secret,
  /** Keys the hash chain over the entries. */
  LEDGER_CHAIN_KEY: secret,
  /** Connections for transfers, and as many for each kind of hold; one keeps the order in which they came. */
  LEDGER_LANES: integer(1, 16).default(1),
  /** How long a transfer waits for funds before it fails, in hours. */
  LEDGER_WAIT_HOURS: integer(1, 24 * 30).default(24),
  /** Largest amount of one purchase on credit, in its currency. */
  RISK_MAX_AMOUNT: decimalOrNone.default("10000"),
  /** How many purchases, and how much in all, one line takes within so many seconds. */
  RISK_VELOCITY_SECONDS: integer(1, 86_400).default(60),
  RISK_VELOCITY_COUNT: integer(1, 100_000).default(30),
  RISK_VELOCITY_AMOUNT: decimalOrNone.default("20000"),
});

export type Config = Readonly<z.output<typeof configSchema>>;

/** The rules of the check before an authorization's answer. */
export const riskPolicy = (config: Config): RiskPolicy => ({
  maxAmount: config.RISK_MAX_AMOUNT,
  velocity: {
    seconds: config.RISK_VELOCITY_SECONDS,
    count: config.RISK_VELOCITY_COUNT,
    amount: config.RISK_VELOCITY_AMOUNT,
  },
});
