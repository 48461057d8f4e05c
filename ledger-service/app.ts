import type { Sql } from "../platform/database/connect.ts";
import { type App, type AppDeps, createHttpApp } from "../platform/http/create-app.ts";
import { requireGateway } from "../platform/http/require-gateway.ts";
import { createBulk } from "./actions/bulk.ts";
import { createHouseAccounts } from "./actions/house-accounts.ts";
import type { Holds } from "./actions/holds.ts";
import type { GroupCommit } from "./commit/group-commit.ts";
import { identifyPartner } from "./identify-partner.ts";
import { registerAccountChanges } from "./routes/account-changes.ts";
import { registerAccounts } from "./routes/accounts.ts";
import { registerAuthorizationGroups } from "./routes/authorization-groups.ts";
import { registerAuthorizations } from "./routes/authorizations.ts";
import { registerAuthorizeSibling } from "./routes/authorize-sibling.ts";
import { registerBalances } from "./routes/balances.ts";
import { registerTransferLists } from "./routes/list-transfers.ts";
import { registerPartnerKeys } from "./routes/partner-keys.ts";
import { registerPartners } from "./routes/partners.ts";
import { registerReconciliations } from "./routes/reconciliations.ts";
import { registerSagas } from "./routes/sagas.ts";
import { registerSettlement } from "./routes/settle-authorizations.ts";
import { registerSiblings } from "./routes/siblings.ts";
import { registerTransfers } from "./routes/transfers.ts";
import type { TransferOrder } from "./sql/transfer-order.ts";

export type LedgerDeps = AppDeps & {
  sql: Sql;
  post: GroupCommit<TransferOrder>;
  holds: Holds;
  wakeRelay: () => void;
  config: { GATEWAY_KEY: string };
};

/** Accounts, transfers, authorizations, and what operators do about them. */
export const createApp = ({ config, ...deps }: LedgerDeps): App => {
  const { sql, post, holds, wakeRelay } = deps;
  const app = createHttpApp(deps);
  app.use("/v1/*", requireGateway(config.GATEWAY_KEY));
  app.use("/api/v1/*", requireGateway(config.GATEWAY_KEY));
  app.use("/authorize", requireGateway(config.GATEWAY_KEY));
  const partner = identifyPartner(sql);
  for (const path of ["/v1/authorizations/*", "/v1/authorization-groups/*", "/authorize"])
    app.use(path, partner);
  registerAccounts(app, { sql, wakeRelay });
  registerAccountChanges(app, { sql });
  registerBalances(app, { sql, cursorKey: config.GATEWAY_KEY });
  registerTransfers(app, { sql, post, wakeRelay, bulk: createBulk({ sql, wakeRelay }) });
  registerTransferLists(app, { sql });
  registerSiblings(app, { sql, post, wakeRelay, house: createHouseAccounts(sql) });
  registerAuthorizations(app, { sql, holds });
  registerSettlement(app, { holds });
  registerAuthorizationGroups(app, { sql, holds });
  registerAuthorizeSibling(app, { holds });
  registerPartners(app, { sql });
  registerPartnerKeys(app, { sql });
  registerSagas(app, { sql, wakeRelay });
  registerReconciliations(app, { sql });
  return app;
};
