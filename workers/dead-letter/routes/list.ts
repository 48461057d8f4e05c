import { groupDeadLetters, listDeadLetters } from "../../../contracts/http/dead-letters.ts";
import type { Sql } from "../../../platform/database/connect.ts";
import type { App } from "../../../platform/http/create-app.ts";
import { pageOf } from "../../../platform/http/page.ts";
import { showSummary } from "../show-letter.ts";
import { groupLetters, listLetters } from "../sql/lists.ts";

const MAX_GROUPS = 200;

export const registerLists = (app: App, { sql }: { sql: Sql }): void => {
  app.openapi(listDeadLetters, async (c) => {
    const { cursor, limit, ...filter } = c.req.valid("query");
    const { items, last } = pageOf(
      await listLetters(sql, { filter, after: cursor, limit: limit + 1 }),
      limit,
    );
    return c.json({ items: items.map(showSummary), nextCursor: last?.id ?? null }, 200);
  });

  app.openapi(groupDeadLetters, async (c) => {
    const groups = await groupLetters(sql, c.req.valid("query"), MAX_GROUPS);
    return c.json(
      {
        items: groups.map((group) => ({
          stream: group.stream,
          consumer: group.consumer,
          errorClass: group.error_class,
          count: group.count,
          users: group.users,
          firstSeen: group.first_seen.toISOString(),
          lastSeen: group.last_seen.toISOString(),
          lastMessage: group.last_message,
        })),
      },
      200,
    );
  });
};
