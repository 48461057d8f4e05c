import { showBalance, showStatement } from "../../contracts/http/ledger-accounts.ts";
import type { Sql } from "../../platform/database/connect.ts";
import type { App } from "../../platform/http/create-app.ts";
import { requireAccount } from "../actions/require-account.ts";
import { ordererOf } from "../domain/orderer.ts";
import { readCursor, toCursor } from "../domain/position.ts";
import { justBefore } from "../domain/just-before.ts";
import { readBalanceAt, readStatement } from "../sql/entries.ts";

/** What an account held, and how it came to it. */
export const registerBalances = (app: App, { sql }: { sql: Sql }): void => {
  app.openapi(showBalance, async (c) => {
    const { id, currency } = await requireAccount(
      sql,
      c.req.valid("param").account_id,
      ordererOf(c.var.caller),
    );
    const { at, basis } = c.req.valid("query");
    const balance = await readBalanceAt(sql, { accountId: id, at, effective: basis === "effective" });
    return c.json({ accountId: id, currency, at, basis, balance }, 200);
  });

  app.openapi(showStatement, async (c) => {
    const { id, currency } = await requireAccount(
      sql,
      c.req.valid("param").account_id,
      ordererOf(c.var.caller),
    );
    const { from, to, cursor, limit } = c.req.valid("query");
    const balanceBefore = (at: string) =>
      readBalanceAt(sql, { accountId: id, at: justBefore(at), effective: false });
    const [openingBalance, closingBalance, rows] = await Promise.all([
      balanceBefore(from),
      balanceBefore(to),
      readStatement(sql, { accountId: id, from, to, after: readCursor(cursor), limit: limit + 1 }),
    ]);
    const last = rows.length > limit ? rows[limit - 1] : undefined;
    const lines = rows.slice(0, limit).map((line) => ({
      recordedAt: line.recorded_at,
      effectiveAt: line.effective_at,
      transferId: line.transfer_id,
      type: line.type,
      amount: line.amount,
      runningBalance: line.running,
      counterpartyAccountId: line.counterparty,
      ...(line.reference_id !== null && { referenceId: line.reference_id }),
      ...(line.description !== null && { description: line.description }),
    }));
    const nextCursor =
      last === undefined
        ? null
        : toCursor({ recordedAt: last.recorded_at, part: last.part, version: last.version });
    return c.json(
      { accountId: id, currency, from, to, openingBalance, closingBalance, lines, nextCursor },
      200,
    );
  });
};
