import { subjects } from "../../contracts/subjects.ts";
import type { Queryable } from "../../platform/database/connect.ts";
import type { OfferStatus } from "../domain/decision.ts";

export type Acceptance = {
  offerId: string;
  /** Whose offer it must be. */
  userId: string;
  /** Travels with the event: trace context. */
  headers: Record<string, string>;
};

/**
 * Takes an offer and announces it, in one statement. False when there is no such offer to take: the row's lock
 * makes one winner of many, and the others see its status. Whether it has lapsed is told by the database's clock, when
 * the transaction began: replicas have clocks of their own.
 */
export const takeOffer = async (
  sql: Queryable,
  { offerId, userId, headers }: Acceptance,
): Promise<boolean> => {
  const rows = await sql`
    with taken as (
      update credit_limits
      set status = 'accepted', accepted_at = now(), acceptance_announced_at = now(), updated_at = now()
      where id = ${offerId}::uuid and user_id = ${userId}::uuid and status = 'offered' and expires_at > now()
      returning id, user_id, credit_limit, interest_rate, credit_type, accepted_at
    )
    insert into outbox (subject, message_id, payload, headers)
    select ${subjects.offersApproved}, 'offer-approved:' || id,
      jsonb_build_object(
        'offerId', id, 'userId', user_id, 'creditLimit', credit_limit::text, 'interestRate', interest_rate::text,
        'creditType', credit_type,
        'acceptedAt', to_char(accepted_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
      ),
      ${sql.json(headers)}
    from taken
    returning id`;
  return rows.length === 1;
};

/** Whose an offer is and how far it has come; one that had lapsed when the transaction began becomes `expired`. */
export const readForRefusal = async (
  sql: Queryable,
  offerId: string,
): Promise<{ userId: string; status: OfferStatus } | undefined> => {
  await sql`
    update credit_limits set status = 'expired', updated_at = now()
    where id = ${offerId}::uuid and status = 'offered' and expires_at <= now()`;
  const [row] = await sql<{ user_id: string; status: OfferStatus }[]>`
    select user_id, status from credit_limits where id = ${offerId}::uuid`;
  return row && { userId: row.user_id, status: row.status };
};
