import type { Sql } from "postgres";
import { subjects } from "../../../contracts/subjects.ts";
import { streamedMessages } from "../../e2e/support/streams.ts";
import type { Accepted } from "./journeys.ts";

/** What became of one accepted offer. */
export type OfferFate = {
  readonly offerId: string;
  readonly status: string;
  readonly decisions: number;
  readonly notifications: number;
  /** Messages about it: on `user.notifications` and on `credit.limits.activated`. */
  readonly published: { readonly notifications: number; readonly activations: number };
};

/** The fate that every accepted offer must have. */
export const fateOf = ({ offerId }: Accepted): OfferFate => ({
  offerId,
  status: "active",
  decisions: 1,
  notifications: 1,
  published: { notifications: 1, activations: 1 },
});

export const accountForOffers = async (
  sql: Sql,
  natsUrl: string,
  accepted: readonly Accepted[],
): Promise<OfferFate[]> => {
  const ids = accepted.map(({ offerId }) => offerId);
  const rows = await sql<Omit<OfferFate, "published">[]>`
    select l.id as "offerId", l.status,
      (select count(*)::int from credit_decisions d where d.user_id = l.user_id) as decisions,
      (select count(*)::int from notifications n where n.offer_id = l.id) as notifications
    from credit_limits l where l.id in ${sql(ids)}`;
  const { notified, activated } = await publishedByOffer(natsUrl);
  const found = new Map(rows.map((row) => [row.offerId, row]));
  return ids.map((offerId) => ({
    ...(found.get(offerId) ?? { offerId, status: "gone", decisions: 0, notifications: 0 }),
    published: { notifications: notified.get(offerId) ?? 0, activations: activated.get(offerId) ?? 0 },
  }));
};

/** How many messages there are about each offer, on `user.notifications` and on `credit.limits.activated`. */
export const publishedByOffer = async (natsUrl: string) => ({
  notified: countByOffer(await streamedMessages(natsUrl, "NOTIFICATIONS", subjects.notifications)),
  activated: countByOffer(await streamedMessages(natsUrl, "CREDIT", subjects.limitsActivated)),
});

const countByOffer = (messages: readonly unknown[]): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const message of messages) {
    const { offerId } = message as { offerId: string };
    counts.set(offerId, (counts.get(offerId) ?? 0) + 1);
  }
  return counts;
};
