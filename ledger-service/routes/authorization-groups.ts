import {
  captureGroup,
  groupSettlement,
  showGroup,
  voidGroup,
} from "../../contracts/http/authorization-groups.ts";
import type { App } from "../../platform/http/create-app.ts";
import { pageOf } from "../../platform/http/page.ts";
import { groupScope, settlerScope } from "../domain/holder.ts";
import { authorizationScope } from "../domain/reference-scopes.ts";
import { listGroup } from "../sql/authorizations.ts";
import type { AuthorizationDeps } from "./authorizations.ts";
import { readMoneyRequest } from "./read-order.ts";
import { tellingOf } from "./send-answer.ts";

/** Authorizations of one basket: to look at, and to capture or void together or not at all. */
export const registerAuthorizationGroups = (app: App, { sql, holds }: AuthorizationDeps): void => {
  app.openapi(showGroup, async (c) => {
    const { caller } = c.var;
    const { cursor, limit, ...whose } = c.req.valid("query");
    const rows = await listGroup(sql, {
      scope: authorizationScope(caller, whose),
      group: c.req.valid("param").group_id,
      owner: caller.kind === "user" ? caller.id : undefined,
      after: cursor,
      limit: limit + 1,
    });
    const { items, last } = pageOf(rows, limit);
    return tellingOf(caller).page(
      items.map(({ json }) => json),
      last?.id ?? null,
    );
  });

  for (const [definition, action] of [
    [captureGroup, "capture"],
    [voidGroup, "void"],
  ] as const)
    app.openapi({ ...definition, request: { params: captureGroup.request.params } }, async (c) => {
      const scope = settlerScope(c.var.caller);
      const { body, ...request } = await readMoneyRequest(c, groupSettlement);
      const whose = groupScope(c.var.caller, body);
      return tellingOf(c.var.caller).answer(
        await holds.settleGroup({ ...request, scope, whose, action, groupId: c.req.valid("param").group_id }),
      );
    });
};
