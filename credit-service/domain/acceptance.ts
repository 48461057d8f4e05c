import type { OfferStatus } from "./decision.ts";

/** Why an offer could not be taken. */
export type Refusal = {
  code: "not_found" | "forbidden" | "offer_not_open" | "offer_expired";
  detail: string;
};

/** @param offer as it is after the attempt; undefined when there is none */
export const refuseAcceptance = (
  offer: { userId: string; status: OfferStatus } | undefined,
  userId: string,
): Refusal => {
  if (!offer) return { code: "not_found", detail: "There is no such offer" };
  if (offer.userId !== userId) return { code: "forbidden", detail: "This offer is another user's" };
  if (offer.status === "expired") return { code: "offer_expired", detail: "The offer has expired" };
  return { code: "offer_not_open", detail: `The offer is ${offer.status} already` };
};
