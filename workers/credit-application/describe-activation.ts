import type { LimitActivated, UserNotification } from "../../contracts/events/credit-events.ts";
import { DEFAULT_CURRENCY } from "../../contracts/http/telemetry.ts";

export type ActivatedOffer = {
  id: string;
  user_id: string;
  credit_limit: string;
  interest_rate: string;
  credit_type: string;
};

/** What the ledger is told of an activation. */
export const toLimitActivated = (offer: ActivatedOffer, activatedAt: string): LimitActivated => ({
  offerId: offer.id,
  userId: offer.user_id,
  creditLimit: offer.credit_limit,
  interestRate: offer.interest_rate,
  creditType: offer.credit_type,
  activatedAt,
});

/** What the person is told of it. */
export const toNotification = (
  offer: ActivatedOffer,
  activatedAt: string,
  notificationId: string,
): UserNotification => ({
  notificationId,
  userId: offer.user_id,
  type: "CREDIT_LIMIT_APPLIED",
  title: "Your credit limit is active",
  message: `You can now use your credit limit of ${offer.credit_limit} ${DEFAULT_CURRENCY} at ${offer.interest_rate} % a year.`,
  offerId: offer.id,
  createdAt: activatedAt,
});
