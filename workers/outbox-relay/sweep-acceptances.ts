import type { Counter } from "prom-client";
import type { Sql } from "../../platform/database/connect.ts";
import type { Logger } from "../../platform/observability/logger.ts";
import { announceAgain } from "./sql/announce-again.ts";

export type SweepDeps = {
  sql: Sql;
  logger: Logger;
  /** An alarm stands on this one: an acceptance is activated within a second when all is well. */
  stuck: Pick<Counter, "inc">;
  afterMs: number;
  /** Called when something was put into the outbox. */
  wakeRelay: () => void;
};

const BATCH = 100;

/** Announces acceptances again that brought no activation. Returns true when there may be more. */
export const sweepAcceptances = async ({
  sql,
  logger,
  stuck,
  afterMs,
  wakeRelay,
}: SweepDeps): Promise<boolean> => {
  const offers = await announceAgain(sql, afterMs, BATCH);
  if (offers.length === 0) return false;
  stuck.inc(offers.length);
  logger.warn({ offers, afterMs }, "acceptances without activation: announced again");
  wakeRelay();
  return offers.length === BATCH;
};
