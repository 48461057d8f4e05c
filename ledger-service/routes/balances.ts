import { showBalance, showStatement } from "../../contracts/http/ledger-balances.ts";
import type { Sql } from "../../platform/database/connect.ts";
import type { App } from "../../platform/http/create-app.ts";
import { requireAccount } from "../actions/require-account.ts";
import { pageOfStatement } from "../actions/statement-pages.ts";
import { ordererOf } from "../domain/orderer.ts";
import { readBalanceAt } from "../sql/entries.ts";

/** What an account held, and how it came to it. */
export const registerBalances = (app: App, { sql, cursorKey }: { sql: Sql; cursorKey: string }): void => {
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
    const { from, to, basis, cursor, limit } = c.req.valid("query");
    const page = await pageOfStatement(sql, { accountId: id, from, to, basis, cursor, limit }, { cursorKey });
    return c.json({ accountId: id, currency, from, to, basis, ...page }, 200);
  });
};
