import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import {
  listReconciliationItems,
  listReconciliations as listRoute,
  reconcileAccount,
  showReconciliation,
} from "../../contracts/http/ledger-reconciliations.ts";
import type { Sql } from "../../platform/database/connect.ts";
import { AppError } from "../../platform/errors/app-error.ts";
import type { App, AppContext } from "../../platform/http/create-app.ts";
import { pageOf } from "../../platform/http/page.ts";
import { requireOperator } from "../../platform/identity/authorize.ts";
import { answerOnce } from "../../platform/idempotency/answer-once.ts";
import { reconcileStatement } from "../actions/reconcile-statement.ts";
import { requireAccount } from "../actions/require-account.ts";
import { type ItemRow, listItems, listReconciliations, readReconciliation } from "../sql/reconciliations.ts";
import { requireIdempotencyKey } from "./idempotency-key.ts";
import { sendAnswer } from "./send-answer.ts";

const MAX_BODY_BYTES = 1_024 * 1_024;
const PLATFORM = { owner: undefined };

/** For operators: statements from outside, compared with an account. */
export const registerReconciliations = (app: App, { sql }: { sql: Sql }): void => {
  const { params, query } = reconcileAccount.request;
  app.openapi({ ...reconcileAccount, request: { params, query } }, async (c) => {
    const operator = requireOperator(c.var.caller);
    const account = await requireAccount(sql, c.req.valid("param").account_id, PLATFORM);
    const { from, to, toleranceDays } = c.req.valid("query");
    const { key, csv } = await readCsv(c);
    const fingerprint = [c.req.path, from, to, toleranceDays, createHash("sha256").update(csv).digest("hex")];
    const answer = await answerOnce(sql, { callerId: "platform", key, fingerprint }, async (tx) => {
      const statement = { csv, from, to, toleranceDays, actor: `operator:${operator}` };
      const id = await reconcileStatement(tx, account, statement);
      return { status: 201, body: JSON.stringify(await readReconciliation(tx, account.id, id)) };
    });
    return sendAnswer({ ...answer, replayed: answer.repeated });
  });

  app.openapi(listRoute, async (c) => {
    requireOperator(c.var.caller);
    const { id: accountId } = await requireAccount(sql, c.req.valid("param").account_id, PLATFORM);
    const { cursor, limit } = c.req.valid("query");
    const rows = await listReconciliations(sql, { accountId, before: cursor, most: limit + 1 });
    const { items, last } = pageOf(rows, limit);
    return c.json({ items, nextCursor: last?.id ?? null }, 200);
  });

  app.openapi(showReconciliation, async (c) => {
    requireOperator(c.var.caller);
    const { account_id: accountId, reconciliation_id: id } = c.req.valid("param");
    return c.json(await requireReconciliation(sql, accountId, id), 200);
  });

  app.openapi(listReconciliationItems, async (c) => {
    requireOperator(c.var.caller);
    const { account_id: accountId, reconciliation_id: id } = c.req.valid("param");
    await requireReconciliation(sql, accountId, id);
    const { exponent } = await requireAccount(sql, accountId, PLATFORM);
    const { show, cursor, limit } = c.req.valid("query");
    const page = { id, exponent, all: show === "all", after: Number(cursor ?? 0), most: limit + 1 };
    const { items, last } = pageOf(await listItems(sql, page), limit);
    return c.json({ items: items.map(toItem), nextCursor: last ? String(last.n) : null }, 200);
  });
};

const readCsv = async (c: AppContext): Promise<{ key: string; csv: string }> => {
  const key = requireIdempotencyKey(c);
  if (!/^text\/csv\s*(;|$)/i.test(c.req.header("content-type") ?? ""))
    throw new AppError("unsupported_media_type", "Send the statement as text/csv", {
      headers: { "accept-post": "text/csv" },
    });
  const tooLarge = new AppError("body_too_large", `The body may have at most ${MAX_BODY_BYTES} bytes`);
  if (Number(c.req.header("content-length") ?? 0) > MAX_BODY_BYTES) throw tooLarge;
  const bytes = Buffer.from(await c.req.arrayBuffer());
  if (bytes.length > MAX_BODY_BYTES) throw tooLarge;
  // What another encoding has beyond ASCII would be read as something else, and match nothing.
  if (!isUtf8(bytes)) throw new AppError("bad_request", "The statement is not in UTF-8");
  const csv = bytes.toString();
  // PostgreSQL takes no NUL.
  if (csv.includes("\0")) throw new AppError("bad_request", "The statement holds a NUL character");
  return { key, csv };
};

const requireReconciliation = async (sql: Sql, accountId: string, id: string) => {
  const found = await readReconciliation(sql, accountId, id);
  if (found) return found;
  throw new AppError("not_found", "There is no such reconciliation of this account");
};

const toItem = (row: ItemRow) => ({
  outcome: row.outcome,
  line:
    row.line === null
      ? null
      : { number: row.line, date: row.lineDate!, amount: row.lineAmount!, reference: row.lineReference },
  entry:
    row.transferId === null
      ? null
      : { transferId: row.transferId, date: row.entryDate!, amount: row.entryAmount! },
});
