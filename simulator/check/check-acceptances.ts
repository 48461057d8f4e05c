import type { Queryable } from "../../platform/database/connect.ts";
import type { AcceptanceReceipt } from "../play/receipts.ts";
import type { Finding } from "./check-events.ts";

type Row = { offer_id: string; status: string; notifications: number };

/**
 * Every acceptance that was acknowledged is an active limit, announced to the person exactly once; one whose
 * answer was lost is either that or still an open offer.
 */
export const checkAcceptances = async (
  sql: Queryable,
  acceptances: ReadonlyMap<string, AcceptanceReceipt>,
): Promise<Finding[]> => {
  const rows = await sql<Row[]>`
    select credit_limits.id as offer_id, status, count(notifications.id)::int as notifications
    from credit_limits left join notifications on notifications.offer_id = credit_limits.id
    where credit_limits.id = any(${[...acceptances.keys()]}::uuid[])
    group by credit_limits.id, status`;
  const stored = new Map(rows.map((row) => [row.offer_id, row]));
  return [...acceptances].flatMap(([offerId, receipt]) => {
    const fault = judgeAcceptance(receipt.acknowledged, stored.get(offerId));
    return fault ? [{ fault, userId: receipt.userId, what: offerId }] : [];
  });
};

/** What is wrong with an acceptance, if anything. */
export const judgeAcceptance = (
  acknowledged: boolean,
  offer: { status: string; notifications: number } | undefined,
): string | undefined => {
  if (!offer) return "accepted offer missing";
  const untouched = offer.status === "offered" && offer.notifications === 0;
  if (!acknowledged && untouched) return undefined;
  if (offer.status !== "active") return `accepted offer is ${offer.status}, not active`;
  if (offer.notifications !== 1) return `active limit announced ${offer.notifications} times`;
  return undefined;
};
