import type { Sql } from "../platform/database/connect.ts";
import { sweepOldKeys } from "../platform/idempotency/sweep-old-keys.ts";
import type { Logger } from "../platform/observability/logger.ts";
import { dropOldRevocations } from "./sql/token-revocations.ts";

/** How long a repeat with the same Idempotency-Key gets the first answer, at least. */
export const KEYS_LIVE_HOURS = 48;
/** How long it can be looked up who ended which token, after the token would have expired by itself. */
const REVOCATIONS_LIVE_DAYS = 90;

const SWEEP_EVERY_MS = 60_000;
/** Of keys: all of them are looked at once in so many rounds, that is in six hours. */
const ROUNDS = 360;
/** Blocks of keys that are looked at in one transaction: some ten thousand keys. */
const PIECE = 1_000;

const REVOCATIONS_EVERY_MS = 10 * 60_000;
const BATCH = 5_000;

/** Drops old idempotency keys and revocations now and then. Returns what stops it. */
export const forgetWhatIsOld = (sql: Sql, logger: Logger): (() => void) => {
  const warn = (what: string) => (error: unknown) =>
    logger.warn({ err: error }, `old ${what} could not be dropped`);
  const timers = [
    setInterval(() => void sweepARound(sql).catch(warn("idempotency keys")), SWEEP_EVERY_MS),
    setInterval(
      () => void dropOldRevocations(sql, REVOCATIONS_LIVE_DAYS, BATCH).catch(warn("revocations")),
      REVOCATIONS_EVERY_MS,
    ),
  ];
  return () => timers.forEach((timer) => clearInterval(timer));
};

/** One round's share of the keys. */
export const sweepARound = async (sql: Sql): Promise<number> => {
  let [dropped, pieces] = [0, 0];
  for (;;) {
    const swept = await sweepOldKeys(sql, KEYS_LIVE_HOURS, PIECE);
    if (!swept) return dropped;
    dropped += swept.dropped;
    pieces++;
    if (swept.passed || pieces * PIECE * ROUNDS >= swept.blocks) return dropped;
  }
};
