import type { App } from "../../platform/http/create-app.ts";
import { requireGateway } from "../../platform/http/require-gateway.ts";
import { requireOperator } from "../../platform/identity/authorize.ts";
import type { RouteConnections } from "../connect-worker.ts";
import { registerEdit } from "./routes/edit.ts";
import { registerLists } from "./routes/list.ts";
import { registerReplays } from "./routes/replays.ts";
import { registerSettle } from "./routes/settle.ts";
import { registerShow } from "./routes/show.ts";

export type DeadLetterDeps = Pick<RouteConnections, "sql" | "broker"> & {
  gatewayKey: string;
  wakeReplays: () => void;
};

/** The operators' API: every route of it is for operators alone, whatever the gateway has let through. */
export const registerRoutes = (app: App, { gatewayKey, ...deps }: DeadLetterDeps): void => {
  app.use("/v1/*", requireGateway(gatewayKey));
  app.use("/v1/*", async (c, next) => {
    requireOperator(c.var.caller);
    await next();
  });
  registerLists(app, deps);
  registerShow(app, deps);
  registerEdit(app, deps);
  registerSettle(app, deps);
  registerReplays(app, deps);
};
