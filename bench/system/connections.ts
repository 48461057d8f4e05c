import pino from "pino";
import { connectDatabase } from "../../platform/database/connect.ts";
import type { Sql } from "../../platform/database/connect.ts";
import { connectBroker } from "../../platform/messaging/connect.ts";
import type { Broker } from "../../platform/messaging/connect.ts";

const NAME = "bench";
const quiet = pino({ level: "silent" });

/**
 * A pool of the bench's own.
 * @param max connections in it
 */
export const openDatabase = (url: string, max: number): Sql =>
  // Millions of rows are made and counted with one statement each.
  connectDatabase({ url, name: NAME, max, statementTimeoutMs: 0 }, quiet);

/** A connection of the bench's own. */
export const openBroker = (url: string): Promise<Broker> => connectBroker({ url, name: NAME }, quiet);
