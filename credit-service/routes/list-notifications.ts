import { listNotifications } from "../../contracts/http/credit.ts";
import type { Sql } from "../../platform/database/connect.ts";
import type { App } from "../../platform/http/create-app.ts";
import { pageOf } from "../../platform/http/page.ts";
import { requireReader } from "../../platform/identity/authorize.ts";
import { encodeCursor } from "../domain/cursor.ts";
import { readNotifications } from "../sql/notifications.ts";
import { pagePosition } from "./page-position.ts";

export const registerListNotifications = (app: App, { sql }: { sql: Sql }): void => {
  app.openapi(listNotifications, async (c) => {
    const { user_id: userId } = c.req.valid("param");
    requireReader(c.var.caller, userId);
    const { cursor, limit } = c.req.valid("query");
    const after = pagePosition(cursor);
    const { items, last } = pageOf(await readNotifications(sql, { userId, after, limit: limit + 1 }), limit);
    return c.json(
      {
        items: items.map((row) => ({
          id: row.id,
          userId: row.user_id,
          type: row.type,
          title: row.title,
          message: row.message,
          ...(row.offer_id !== null && { offerId: row.offer_id }),
          createdAt: row.created_at.toISOString(),
        })),
        nextCursor: last ? encodeCursor({ createdAt: last.position, id: last.id }) : null,
      },
      200,
    );
  });
};
