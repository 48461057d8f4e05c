import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Lent } from "./lender.ts";

const ENTRY = fileURLToPath(new URL("../../migrations/main.ts", import.meta.url));

/** Makes the tables and the streams, with the job that every deployment runs. */
export const migrate = async (postgres: Lent, nats: Lent): Promise<void> => {
  const env = {
    PATH: process.env["PATH"],
    DATABASE_URL: postgres.url,
    NATS_URL: nats.url,
    STREAM_REPLICAS: "1",
  };
  await promisify(execFile)(process.execPath, [ENTRY], { env, timeout: 60_000 });
};
