import type { Sql } from "../platform/database/connect.ts";
import { dropOldKeys } from "../platform/idempotency/idempotency-keys.ts";
import type { Logger } from "../platform/observability/logger.ts";
import { dropOldRevocations } from "./sql/token-revocations.ts";

/** How long a repeat with the same Idempotency-Key gets the first answer. */
export const KEYS_LIVE_HOURS = 48;
/** How long it can be looked up who ended which token, after the token would have expired by itself. */
export const REVOCATIONS_LIVE_DAYS = 90;

const EVERY_MS = 10 * 60_000;
const BATCH = 5_000;

/** Drops old idempotency keys and revocations now and then. Returns what stops it. */
export const forgetWhatIsOld = (sql: Sql, logger: Logger): (() => void) => {
  const timer = setInterval(() => {
    dropOldKeys(sql, KEYS_LIVE_HOURS, BATCH).catch((error: unknown) =>
      logger.warn({ err: error }, "old idempotency keys could not be dropped"),
    );
    dropOldRevocations(sql, REVOCATIONS_LIVE_DAYS, BATCH).catch((error: unknown) =>
      logger.warn({ err: error }, "old revocations could not be dropped"),
    );
  }, EVERY_MS);
  return () => clearInterval(timer);
};
