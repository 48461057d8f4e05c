import { DEFAULT_CURRENCY } from "../../contracts/http/telemetry.ts";
import { openFor } from "./open-lines.ts";
import type { OpenLinesDeps } from "./open-lines.ts";
import { unopenedLimits } from "./sql/credit-lines.ts";

const NIL = "00000000-0000-0000-0000-000000000000";
const BATCH = 200;
/** An event needs no longer than this when all is well; what it brings is not done twice over. */
const GRACE_SECONDS = 30;

/**
 * Opens the lines of active limits that no event brought: activated before there was a ledger, or longer ago than the
 * stream keeps events. Returns how many it opened.
 */
export const backfillLines = async (deps: OpenLinesDeps, graceSeconds = GRACE_SECONDS): Promise<number> => {
  let opened = 0;
  let after = NIL;
  for (;;) {
    const limits = await unopenedLimits(deps.sql, {
      olderThanSeconds: graceSeconds,
      currency: DEFAULT_CURRENCY,
      after,
      most: BATCH,
    });
    for (const { offer_id: offerId, user_id: userId, credit_limit: creditLimit } of limits) {
      if ((await openFor(deps, "backfill", { offerId, userId, creditLimit })) === "opened") opened++;
      after = offerId;
    }
    if (limits.length < BATCH) return opened;
  }
};
