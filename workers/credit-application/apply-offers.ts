import type { OfferApproved } from "../../contracts/events/credit-events.ts";
import type { Cause, Caused } from "../../platform/messaging/cause.ts";
import type { Queryable, Sql } from "../../platform/database/connect.ts";
import { inTransaction } from "../../platform/database/transaction.ts";
import { uuidv7 } from "uuidv7";
import { dead, done } from "../../platform/messaging/outcome.ts";
import type { Handler, Outcome } from "../../platform/messaging/outcome.ts";
import type { Logger } from "../../platform/observability/logger.ts";
import { toLimitActivated, toNotification } from "./describe-activation.ts";
import { activateOffer, closeOffer, lockOffer, lockPerson } from "./sql/activation.ts";
import { announceActivation } from "./sql/announce-activation.ts";

export type Application =
  | "activated"
  /** Delivered or published more than once. */
  | "repeated"
  | "expired"
  /** The person has another active limit. */
  | "rejected"
  | "unknown_offer"
  | "not_accepted";

export type ApplyOffersDeps = {
  sql: Sql;
  logger: Logger;
  count: (result: Application) => void;
  /** Called after a commit that wrote to the outbox. */
  wakeRelay: () => void;
};

/**
 * Turns accepted offers into active limits, each in a transaction of its own. The row's state decides, not the
 * message: however often an acceptance arrives, there is one activation and one notification.
 */
export const applyOffers =
  ({ sql, logger, count, wakeRelay }: ApplyOffersDeps): Handler<Caused<OfferApproved>> =>
  async (events) => {
    const outcomes: Outcome[] = [];
    for (const { offerId, userId, cause } of events) {
      const result = await inTransaction(sql, (tx) => applyOffer(tx, offerId, userId.toLowerCase(), cause));
      count(result);
      logger.info({ ...cause?.ids, offerId, userId, result }, "acceptance processed");
      if (result === "activated") wakeRelay();
      outcomes.push(toOutcome(result));
    }
    return outcomes;
  };

const toOutcome = (result: Application): Outcome => {
  if (result === "unknown_offer") return dead("there is no such offer of this user");
  if (result === "not_accepted") return dead("the offer was never accepted");
  return done;
};

const applyOffer = async (
  tx: Queryable,
  offerId: string,
  userId: string,
  cause: Cause | undefined,
): Promise<Application> => {
  // Lock order: the person, then the offer, as in the analysis, which would otherwise deadlock with this.
  await lockPerson(tx, userId);
  const offer = await lockOffer(tx, offerId);
  if (!offer || offer.user_id !== userId) return "unknown_offer";
  if (offer.status === "offered" || offer.status === "superseded") return "not_accepted";
  if (offer.status !== "accepted") return "repeated";
  if (!offer.in_time) {
    await closeOffer(tx, offer.id, "expired");
    return "expired";
  }
  const activatedAt = await activateOffer(tx, offer);
  if (!activatedAt) {
    await closeOffer(tx, offer.id, "rejected");
    return "rejected";
  }
  const at = activatedAt.toISOString();
  const limit = toLimitActivated(offer, at);
  await announceActivation(tx, limit, toNotification(offer, at, uuidv7()), cause?.headers ?? {});
  return "activated";
};
