import type { Sql } from "../platform/database/connect.ts";
import { type App, type AppDeps, createHttpApp } from "../platform/http/create-app.ts";
import { requireGateway } from "../platform/http/require-gateway.ts";
import { createBulk } from "./actions/bulk.ts";
import { createHouseAccounts } from "./actions/house-accounts.ts";
import type { GroupCommit } from "./commit/group-commit.ts";
import { registerAccounts } from "./routes/accounts.ts";
import { registerBalances } from "./routes/balances.ts";
import { registerTransferLists } from "./routes/list-transfers.ts";
import { registerSiblings } from "./routes/siblings.ts";
import { registerTransfers } from "./routes/transfers.ts";
import type { TransferOrder } from "./sql/transfer-order.ts";

export type LedgerDeps = AppDeps & {
  sql: Sql;
  post: GroupCommit<TransferOrder>;
  wakeRelay: () => void;
  config: { GATEWAY_KEY: string };
};

/** Accounts and transfers. */
export const createApp = ({ config, ...deps }: LedgerDeps): App => {
  const { sql, post, wakeRelay } = deps;
  const app = createHttpApp(deps);
  app.use("/v1/*", requireGateway(config.GATEWAY_KEY));
  app.use("/api/v1/*", requireGateway(config.GATEWAY_KEY));
  registerAccounts(app, { sql, wakeRelay });
  registerBalances(app, { sql });
  registerTransfers(app, { sql, post, wakeRelay, bulk: createBulk({ sql, wakeRelay }) });
  registerTransferLists(app, { sql });
  registerSiblings(app, { sql, post, wakeRelay, house: createHouseAccounts(sql) });
  return app;
};
