import { listAccountChanges } from "../../contracts/http/ledger-account-changes.ts";
import type { Sql } from "../../platform/database/connect.ts";
import type { App } from "../../platform/http/create-app.ts";
import { pageOf } from "../../platform/http/page.ts";
import { requireAccount } from "../actions/require-account.ts";
import { ordererOf } from "../domain/orderer.ts";
import { type ChangeRow, listChanges } from "../sql/account-changes.ts";

/** What became of an account beside what it paid and received: who froze it, and why. */
export const registerAccountChanges = (app: App, { sql }: { sql: Sql }): void => {
  app.openapi(listAccountChanges, async (c) => {
    const orderer = ordererOf(c.var.caller);
    const { id } = await requireAccount(sql, c.req.valid("param").account_id, orderer);
    const { cursor, limit } = c.req.valid("query");
    const rows = await listChanges(sql, { accountId: id, before: cursor, most: limit + 1 });
    const { items, last } = pageOf(rows, limit);
    const tell = orderer.owner === undefined ? toChange : toOwnersChange;
    return c.json({ items: items.map(tell), nextCursor: last?.version ?? null }, 200);
  });
};

// What operators note is for operators: it may be about a suspicion.
const toOwnersChange = (row: ChangeRow) => ({
  version: Number(row.version),
  change: row.change,
  status: row.status,
  ...(row.credit_limit !== null && { creditLimit: row.credit_limit }),
  changedAt: row.changed_at,
});

const toChange = (row: ChangeRow) => ({
  ...toOwnersChange(row),
  actor: row.actor,
  ...(row.reason !== null && { reason: row.reason }),
});
