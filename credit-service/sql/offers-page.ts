import type { Queryable } from "../../platform/database/connect.ts";
import type { OfferStatus } from "../domain/decision.ts";

export type OfferRow = {
  id: string;
  status: OfferStatus;
  credit_limit: string;
  interest_rate: string;
  created_at: Date;
  expires_at: Date;
};

/**
 * One page of a person's offers, newest first, and how many there are; along credit_limits_user_newest. One that
 * has lapsed, by the database's clock, is shown as `expired` though nobody has written so yet.
 */
export const readOffersPage = async (
  sql: Queryable,
  { userId, page, pageSize }: { userId: string; page: number; pageSize: number },
): Promise<{ total: number; items: OfferRow[] }> => {
  const rows = await sql<({ total: number } & (OfferRow | { id: null }))[]>`
    select counted.total, o.*
    from (select count(*)::int as total from credit_limits where user_id = ${userId}::uuid) counted
    left join lateral (
      select id,
        case when status = 'offered' and expires_at <= now() then 'expired' else status end as status,
        credit_limit, interest_rate, created_at, expires_at
      from credit_limits
      where user_id = ${userId}::uuid
      order by created_at desc, id desc
      limit ${pageSize} offset ${(page - 1) * pageSize}
    ) o on true
    order by o.created_at desc, o.id desc`;
  return { total: rows[0]?.total ?? 0, items: rows.filter((row) => row.id !== null) };
};
