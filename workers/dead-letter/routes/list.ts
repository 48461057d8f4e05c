import { groupDeadLetters, listDeadLetters } from "../../../contracts/http/dead-letters.ts";
import type { Sql } from "../../../platform/database/connect.ts";
import type { App } from "../../../platform/http/create-app.ts";
import { showSummary } from "../show-letter.ts";
import { groupLetters, listLetters } from "../sql/lists.ts";

const MAX_GROUPS = 200;

export const registerLists = (app: App, { sql }: { sql: Sql }): void => {
  app.openapi(listDeadLetters, async (c) => {
    const { cursor, limit, ...filter } = c.req.valid("query");
    // One more than asked for tells whether there is a next page.
    const rows = await listLetters(sql, { filter, after: cursor, limit: limit + 1 });
    const items = rows.slice(0, limit).map(showSummary);
    return c.json({ items, nextCursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null }, 200);
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
