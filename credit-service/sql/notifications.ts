import type { Queryable } from "../../platform/database/connect.ts";
import type { Position } from "../domain/cursor.ts";

export type NotificationRow = {
  id: string;
  user_id: string;
  type: string;
  title: string;
  message: string;
  offer_id: string | null;
  created_at: Date;
  /** `created_at` with all its digits: a Date would cut them off, and a page would repeat rows. */
  position: string;
};

/**
 * Newest first, after a position; along notifications_user_newest. The position's time goes as text: the driver
 * would cut a timestamp to milliseconds.
 */
export const readNotifications = (
  sql: Queryable,
  { userId, after, limit }: { userId: string; after: Position | undefined; limit: number },
): Promise<NotificationRow[]> => sql<NotificationRow[]>`
  select id, user_id, type, title, message, offer_id, created_at,
    to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as position
  from notifications
  where user_id = ${userId}::uuid
    ${after ? sql`and (created_at, id) < (${after.createdAt}::text::timestamptz, ${after.id}::uuid)` : sql``}
  order by created_at desc, id desc
  limit ${limit}`;
