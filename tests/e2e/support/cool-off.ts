import { sql } from "./database.ts";
import { flushCache } from "./cache.ts";

/** Lets an hour pass for a person's decisions: the cool-off is over. */
export const passCoolOff = async (userId: string): Promise<void> => {
  await sql()`
    update credit_decisions set decided_at = decided_at - interval '1 hour' where user_id = ${userId}`;
  await flushCache();
};

/** Lets an offer's time run out. */
export const lapse = async (offerId: string): Promise<void> => {
  await sql()`update credit_limits set expires_at = now() - interval '1 second' where id = ${offerId}`;
  await flushCache();
};
