import { subjects } from "../../../contracts/subjects.ts";
import type { Queryable } from "../../../platform/database/connect.ts";

/**
 * Puts acceptances that brought no activation for so long into the outbox again, under a new message id: the broker
 * would take the first one for a repetition. Returns their offers' ids.
 */
export const announceAgain = async (
  sql: Queryable,
  olderThanMs: number,
  limit: number,
): Promise<string[]> => {
  const rows = await sql<{ id: string }[]>`
    with stuck as (
      select id from credit_limits
      where status = 'accepted' and acceptance_announced_at < now() - ${olderThanMs} * interval '1 millisecond'
      order by acceptance_announced_at
      limit ${limit}
      for update skip locked
    ), announced as (
      update credit_limits as offer set acceptance_announced_at = now()
      from stuck where offer.id = stuck.id
      returning offer.id, offer.user_id, offer.credit_limit, offer.interest_rate, offer.credit_type, offer.accepted_at
    ), written as (
      insert into outbox (subject, message_id, payload)
      select
        ${subjects.offersApproved},
        'offer-approved:' || id || ':' || (extract(epoch from clock_timestamp()) * 1000)::bigint,
        jsonb_build_object(
          'offerId', id,
          'userId', user_id,
          'creditLimit', credit_limit::text,
          'interestRate', interest_rate::text,
          'creditType', credit_type,
          'acceptedAt', to_char(accepted_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
        )
      from announced
    )
    select id from announced`;
  return rows.map(({ id }) => id);
};
