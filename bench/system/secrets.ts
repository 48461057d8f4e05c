import { randomBytes } from "node:crypto";

const generate = (): string => randomBytes(32).toString("hex");

/** Of this run alone; every process that is started gets them. */
export const secrets = {
  JWT_SECRET: generate(),
  INTERNAL_KEY: generate(),
  GATEWAY_KEY: generate(),
  LEDGER_CHAIN_KEY: generate(),
} as const;
