import type { Queryable } from "../../../platform/database/connect.ts";

export type AcceptedOffer = {
  id: string;
  user_id: string;
  status: "offered" | "accepted" | "active" | "superseded" | "expired" | "rejected";
  credit_limit: string;
  interest_rate: string;
  credit_type: string;
  /** By the time of acceptance, not of processing: who accepted in time gets the limit. */
  in_time: boolean;
};

/** Makes activations and analyses of one person take turns, until the transaction ends. Before any lock on an offer. */
export const lockPerson = async (tx: Queryable, userId: string): Promise<void> => {
  await tx`select 1 from users where id = ${userId}::uuid for no key update`;
};

/** The offer, locked until the transaction ends. */
export const lockOffer = async (tx: Queryable, offerId: string): Promise<AcceptedOffer | undefined> => {
  const [offer] = await tx<AcceptedOffer[]>`
    select
      id, user_id, status, credit_limit::text, interest_rate::text, credit_type,
      coalesce(accepted_at <= expires_at, false) as in_time
    from credit_limits
    where id = ${offerId}::uuid
    for update`;
  return offer;
};

/**
 * Makes an accepted offer the active limit, unless the person has one. Returns when, or undefined if there is one.
 * Under the person's lock, so that the check and the update see the same.
 */
export const activateOffer = async (tx: Queryable, offer: AcceptedOffer): Promise<Date | undefined> => {
  const [row] = await tx<{ activated_at: Date }[]>`
    update credit_limits set status = 'active', activated_at = now(), updated_at = now()
    where id = ${offer.id}::uuid and status = 'accepted'
      and not exists (
        select 1 from credit_limits as other where other.user_id = ${offer.user_id}::uuid and other.status = 'active'
      )
    returning activated_at`;
  return row?.activated_at;
};

/** Closes an accepted offer that does not become a limit. */
export const closeOffer = async (
  tx: Queryable,
  offerId: string,
  status: "expired" | "rejected",
): Promise<void> => {
  await tx`update credit_limits set status = ${status}, updated_at = now() where id = ${offerId}::uuid and status = 'accepted'`;
};
