import { z } from "@hono/zod-openapi";
import { utcTime } from "../times.ts";

/** On `credit.offers.approved`: the person accepted; the limit is to be activated. Amounts are decimal texts. */
export const offerApproved = z.object({
  offerId: z.uuid(),
  userId: z.uuid(),
  creditLimit: z.string(),
  interestRate: z.string(),
  creditType: z.string(),
  acceptedAt: utcTime,
});

export type OfferApproved = z.infer<typeof offerApproved>;

/** On `credit.limits.activated`: the ledger opens the credit line from this. */
export const limitActivated = z.object({
  offerId: z.uuid(),
  userId: z.uuid(),
  creditLimit: z.string(),
  interestRate: z.string(),
  creditType: z.string(),
  activatedAt: utcTime,
});

export type LimitActivated = z.infer<typeof limitActivated>;

/** On `user.notifications`: what the person is told. */
export const userNotification = z.object({
  notificationId: z.uuid(),
  userId: z.uuid(),
  type: z.enum(["CREDIT_LIMIT_APPLIED", "PURCHASE_CONFIRMED"]),
  title: z.string(),
  message: z.string(),
  /** Of a credit limit. */
  offerId: z.uuid().optional(),
  /** Of a purchase. */
  authorizationId: z.uuid().optional(),
  createdAt: utcTime,
});

export type UserNotification = z.infer<typeof userNotification>;
