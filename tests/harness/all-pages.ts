import type { UsedLedger } from "./use-ledger.ts";

/** The ids of a list, page after page until there is no next one, and how many pages that were. */
export const allPages = async (
  ledger: UsedLedger["ledger"],
  path: string,
  limit: number,
): Promise<{ items: string[]; pages: number }> => {
  const items: string[] = [];
  let cursor: string | null = null;
  let pages = 0;
  do {
    const after: string = cursor === null ? "" : `&cursor=${cursor}`;
    const { body } = await ledger.send("GET", `${path}?limit=${limit}${after}`);
    items.push(...(body.items as { id: string }[]).map(({ id }) => id));
    cursor = body.nextCursor as string | null;
    pages++;
  } while (cursor !== null);
  return { items, pages };
};
