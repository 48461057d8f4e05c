import type { Sql } from "postgres";
import { publishedByOffer } from "../../faults/support/offer-account.ts";
import type { Acceptance } from "../clients/acceptances.ts";

/** What became of an offer: its status, and how often it was announced, in the table and in the streams. */
export type OfferTrace = {
  readonly status: string;
  readonly notifications: number;
  readonly notified: number;
  readonly activated: number;
};

export type AcceptanceAccount = {
  /** Acknowledged and not active, or never announced. */
  readonly lost: string[];
  /** Active, and announced or activated more than once. */
  readonly doubled: string[];
  /** Taken or announced, and nobody accepted it. */
  readonly uninvited: string[];
};

/** Holds every offer of these people, and every message about any offer, to the acceptances that were sent. */
export const accountForAcceptances = async (
  sql: Sql,
  natsUrl: string,
  acceptances: ReadonlyMap<string, Acceptance>,
): Promise<AcceptanceAccount> => {
  const rows = await sql<{ id: string; status: string; notifications: number }[]>`
    select l.id, l.status, count(n.id)::int as notifications
    from credit_limits l left join notifications n on n.offer_id = l.id
    group by l.id, l.status`;
  const { notified, activated } = await publishedByOffer(natsUrl);
  const stored = new Map(rows.map((row) => [row.id, row]));
  const account: AcceptanceAccount = { lost: [], doubled: [], uninvited: [] };
  for (const offerId of new Set([
    ...acceptances.keys(),
    ...stored.keys(),
    ...notified.keys(),
    ...activated.keys(),
  ])) {
    const trace: OfferTrace = {
      status: stored.get(offerId)?.status ?? "gone",
      notifications: stored.get(offerId)?.notifications ?? 0,
      notified: notified.get(offerId) ?? 0,
      activated: activated.get(offerId) ?? 0,
    };
    const fault = judge(acceptances.get(offerId), trace);
    if (fault) account[fault].push(`acceptance ${offerId}: ${JSON.stringify(trace)}`);
  }
  return account;
};

/** What is wrong with an offer, if anything; one whose answer was lost may have been taken or not, but not half. */
export const judge = (
  acceptance: Pick<Acceptance, "acknowledged"> | undefined,
  { status, ...announced }: OfferTrace,
): keyof AcceptanceAccount | undefined => {
  const counts = Object.values(announced);
  const untouched = counts.every((count) => count === 0);
  const taken = status === "active" || status === "accepted";
  if (!acceptance) return taken || !untouched ? "uninvited" : undefined;
  if (counts.some((count) => count > 1)) return "doubled";
  if (!acceptance.acknowledged && !taken && untouched) return undefined;
  return status === "active" && counts.every((count) => count === 1) ? undefined : "lost";
};
