import type { Queryable } from "../../../platform/database/connect.ts";

export type Opening =
  | "opened"
  /** Delivered or found more than once. */
  | "repeated"
  /** The person has a line in this currency, from another offer. */
  | "other_line"
  /** Somebody else is opening a line for this person. */
  | "busy"
  /** The limit is none that the currency can have. */
  | "refused";

export type NewLine = {
  id: string;
  offerId: string;
  userId: string;
  /** A decimal in the currency's unit. */
  creditLimit: string;
  currency: string;
  exponent: number;
  /** What its event carries along. */
  headers: Record<string, string>;
};

/** Opens a person's credit line in the ledger, once per offer, in one round trip. */
export const openLine = async (sql: Queryable, line: NewLine): Promise<Opening> => {
  const [row] = await sql<{ opening: Opening }[]>`
    select ledger_open_credit_line(
      ${line.id}::uuid, ${line.offerId}::uuid, ${line.userId}::uuid, ${line.creditLimit}::numeric, ${line.currency},
      ${line.exponent}::smallint, ${JSON.stringify(line.headers)}::text::jsonb
    ) as opening`;
  return row!.opening;
};

export type UnopenedLimit = { offer_id: string; user_id: string; credit_limit: string };

/**
 * Active limits that no line has been opened from, so many seconds after their activation, in the order of their ids
 * after the one given, of persons who have no other line in the currency. Along credit_limits_one_active_limit.
 */
export const unopenedLimits = (
  sql: Queryable,
  {
    olderThanSeconds,
    currency,
    after,
    most,
  }: {
    olderThanSeconds: number;
    currency: string;
    after: string;
    most: number;
  },
): Promise<UnopenedLimit[]> =>
  sql<UnopenedLimit[]>`
    select l.id as offer_id, l.user_id, l.credit_limit::text
    from credit_limits as l
    where l.status = 'active' and l.id > ${after}::uuid
      and l.activated_at < now() - make_interval(secs => ${olderThanSeconds})
      and not exists (select from ledger_accounts as a where a.offer_id = l.id)
      and not exists (
        select from ledger_accounts as a
        where a.owner_id = l.user_id and a.currency = ${currency} and a.kind = 'credit_line' and a.status <> 'closed'
      )
    order by l.id
    limit ${most}`;
