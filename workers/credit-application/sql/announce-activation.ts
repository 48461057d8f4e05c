import type { LimitActivated, UserNotification } from "../../../contracts/events/credit-events.ts";
import { subjects } from "../../../contracts/subjects.ts";
import type { Queryable } from "../../../platform/database/connect.ts";

/** Stores what the person is told, and writes both announcements into the outbox, with headers to send along. */
export const announceActivation = async (
  tx: Queryable,
  limit: LimitActivated,
  notification: UserNotification,
  headers: Record<string, string>,
): Promise<void> => {
  await tx`
    with told as (
      insert into notifications (id, user_id, type, title, message, offer_id, created_at)
      values (
        ${notification.notificationId}::uuid, ${notification.userId}::uuid, ${notification.type}, ${notification.title},
        ${notification.message}, ${notification.offerId ?? null}::uuid, ${notification.createdAt}::timestamptz
      )
      returning id
    )
    insert into outbox (subject, message_id, payload, headers) values
      (
        ${subjects.limitsActivated},
        ${`limit-activated:${limit.offerId}`},
        ${JSON.stringify(limit)}::text::jsonb,
        ${JSON.stringify(headers)}::text::jsonb
      ),
      (
        ${subjects.notifications},
        ${`notification:${notification.type}:${notification.offerId}`},
        ${JSON.stringify(notification)}::text::jsonb,
        ${JSON.stringify(headers)}::text::jsonb
      )`;
};
