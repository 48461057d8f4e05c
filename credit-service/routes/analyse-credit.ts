import { analyseCredit as route } from "../../contracts/http/credit.ts";
import type { App } from "../../platform/http/create-app.ts";
import { requireSelf } from "../../platform/identity/authorize.ts";
import type { AnalyseCredit } from "../actions/analyse-credit.ts";
import { tracing } from "../../platform/http/tracing.ts";

export const registerAnalyseCredit = (
  app: App,
  { analyseCredit }: { analyseCredit: AnalyseCredit },
): void => {
  app.openapi(route, async (c) => {
    const { user_id: userId } = c.req.valid("param");
    requireSelf(c.var.caller, userId);
    return c.json(await analyseCredit(userId, tracing(c)), 200);
  });
};
