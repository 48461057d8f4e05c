import { listTransfers, showTransfer } from "../../contracts/http/ledger-transfers.ts";
import type { Sql } from "../../platform/database/connect.ts";
import { AppError } from "../../platform/errors/app-error.ts";
import type { App } from "../../platform/http/create-app.ts";
import { pageOf } from "../../platform/http/page.ts";
import { requireAccount } from "../actions/require-account.ts";
import { ordererOf } from "../domain/orderer.ts";
import { noCursor, readCursor, toCursor } from "../domain/position.ts";
import { transferScopes } from "../domain/reference-scopes.ts";
import { listByReference, listPosted, listUnposted, readTransfer } from "../sql/transfers.ts";
import { sendFound, sendPage } from "./send-answer.ts";

/** Transfers to look at: operators see all, users those of their own accounts. */
export const registerTransferLists = (app: App, { sql }: { sql: Sql }): void => {
  app.openapi(showTransfer, async (c) => {
    const { owner } = ordererOf(c.var.caller);
    const found = await readTransfer(sql, c.req.valid("param").transfer_id);
    if (!found || (owner !== undefined && owner !== found.source_owner && owner !== found.destination_owner))
      throw new AppError("transfer_not_found", "There is no such transfer");
    return sendFound(found.json);
  });

  app.openapi(listTransfers, async (c) => {
    const orderer = ordererOf(c.var.caller);
    const { accountId, referenceId, type, userId, status, cursor, limit } = c.req.valid("query");
    const find = async (): Promise<Page> => {
      if (referenceId !== undefined) {
        const scopes = transferScopes(c.var.caller, { userId });
        const wanted = { scopes, type, reference: referenceId, owner: orderer.owner };
        return pageById({ cursor, limit }, (page) => listByReference(sql, { ...wanted, ...page }));
      }
      const { id } = await requireAccount(sql, accountId!, orderer);
      return status === "pending" || status === "failed"
        ? pageById({ cursor, limit }, (page) => listUnposted(sql, { accountId: id, status, ...page }))
        : postedPage(sql, { accountId: id, status, cursor, limit });
    };
    const { items, nextCursor } = await find();
    return sendPage(items, nextCursor);
  });
};

type Page = { items: string[]; nextCursor: string | null };
type Wanted = {
  accountId: string;
  status: "complete" | "rollback" | undefined;
  cursor: string | undefined;
  limit: number;
};

// There is no index of an account's transfers by status: reverted ones, which are few, are picked from so many a page,
// which may be short.
const LOOKED_AT = 1_000;

// One more than are looked at tells whether there is a next page.
const postedPage = async (sql: Sql, { accountId, status, cursor, limit }: Wanted): Promise<Page> => {
  const most = status === "rollback" ? LOOKED_AT : limit;
  const rows = await listPosted(sql, { accountId, status, after: readCursor(cursor), limit: most + 1 });
  const items: string[] = [];
  let seen = 0;
  for (const { json } of rows.slice(0, most)) {
    seen++;
    if (json !== null && items.push(json) === limit) break;
  }
  const last = seen < rows.length ? rows[seen - 1] : undefined;
  return {
    items,
    nextCursor: last
      ? toCursor({ recordedAt: last.recorded_at, part: last.part, version: last.version })
      : null,
  };
};

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const pageById = async (
  { cursor, limit }: Pick<Wanted, "cursor" | "limit">,
  list: (page: { after: string | undefined; limit: number }) => Promise<{ id: string; json: string }[]>,
): Promise<Page> => {
  if (cursor !== undefined && !UUID.test(cursor)) throw noCursor();
  const { items, last } = pageOf(await list({ after: cursor, limit: limit + 1 }), limit);
  return { items: items.map(({ json }) => json), nextCursor: last?.id ?? null };
};
