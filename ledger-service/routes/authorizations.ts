import {
  createAuthorization,
  findAuthorizations as findRoute,
  listAuthorizations as listRoute,
  newAuthorization,
  showAuthorization,
} from "../../contracts/http/authorizations.ts";
import { listCaptures as capturesRoute } from "../../contracts/http/settle-authorizations.ts";
import type { Sql } from "../../platform/database/connect.ts";
import { AppError } from "../../platform/errors/app-error.ts";
import type { App } from "../../platform/http/create-app.ts";
import { pageOf } from "../../platform/http/page.ts";
import { requireReader } from "../../platform/identity/authorize.ts";
import type { Caller } from "../../platform/identity/caller.ts";
import { uuidv7 } from "uuidv7";
import type { Holds } from "../actions/holds.ts";
import { holderOf } from "../domain/holder.ts";
import { padPlaces } from "../domain/pad-places.ts";
import { authorizationScope, partnersScope } from "../domain/reference-scopes.ts";
import {
  findByReference,
  listAuthorizations,
  listCaptures,
  listOfPartner,
  readAuthorization,
} from "../sql/authorizations.ts";
import type { AuthorizationRow } from "../sql/authorizations.ts";
import { locationOf } from "./location-of.ts";
import { readMoneyRequest } from "./read-order.ts";
import { renamePointers } from "./rename-pointers.ts";
import { sendPage, tellingOf } from "./send-answer.ts";

export type AuthorizationDeps = { sql: Sql; holds: Holds };

/** Purchases on credit: decided, shown, listed. */
export const registerAuthorizations = (app: App, { sql, holds }: AuthorizationDeps): void => {
  app.openapi({ ...createAuthorization, request: {} }, async (c) => {
    const { body, ...request } = await readMoneyRequest(c, newAuthorization);
    const answer = await holds.authorize({
      ...request,
      ...holderOf(c.var.caller, body.userId),
      id: uuidv7(),
      amount: padPlaces(body.amount, body.currency),
      currency: body.currency,
      seconds: body.expiresInSeconds,
      reference: body.referenceId ?? null,
      group: body.groupId ?? null,
      automatic: body.capture === "automatic",
    });
    return tellingOf(c.var.caller).answer(
      renamePointers(answer, { "/user_id": "/userId" }),
      locationOf(answer, "/v1/authorizations/"),
    );
  });

  app.openapi(findRoute, async (c) => {
    const { caller } = c.var;
    const { referenceId: reference, cursor, limit, ...whose } = c.req.valid("query");
    const scope = authorizationScope(caller, whose);
    if (reference !== undefined) {
      const found = await findByReference(sql, { scope, reference });
      return tellingOf(caller).page(found && maySee(caller, found) ? [found.json] : [], null);
    }
    const page = { scope: partnersScope(scope), before: cursor, most: limit + 1 };
    const { items, last } = pageOf(await listOfPartner(sql, page), limit);
    return tellingOf(caller).page(
      items.filter((row) => maySee(caller, row)).map(({ json }) => json),
      last?.id ?? null,
    );
  });

  const requireAuthorization = async (id: string, caller: Caller): Promise<AuthorizationRow> => {
    const found = await readAuthorization(sql, id);
    if (found && maySee(caller, found)) return found;
    throw new AppError("authorization_not_found", "There is no such authorization");
  };

  app.openapi(showAuthorization, async (c) =>
    tellingOf(c.var.caller).found(
      (await requireAuthorization(c.req.valid("param").authorization_id, c.var.caller)).json,
    ),
  );

  app.openapi(capturesRoute, async (c) => {
    const { id } = await requireAuthorization(c.req.valid("param").authorization_id, c.var.caller);
    const { cursor, limit } = c.req.valid("query");
    const rows = await listCaptures(sql, { id, after: cursor, limit: limit + 1 });
    const { items, last } = pageOf(rows, limit);
    return sendPage(
      items.map(({ json }) => json),
      last?.version ?? null,
    );
  });

  app.openapi(listRoute, async (c) => {
    const { user_id: owner } = c.req.valid("param");
    requireReader(c.var.caller, owner);
    const { cursor, limit } = c.req.valid("query");
    const rows = await listAuthorizations(sql, { owner, after: cursor, limit: limit + 1 });
    const { items, last } = pageOf(rows, limit);
    return sendPage(
      items.map(({ json }) => json),
      last?.id ?? null,
    );
  });
};

// A person sees whatever was asked against their line, by whomever; a partner what it asked for itself.
const maySee = (caller: Caller, { owner_id: owner, scope }: AuthorizationRow): boolean =>
  caller.kind === "operator" ||
  (caller.kind === "user" && caller.id === owner) ||
  (caller.kind === "partner" && scope === `partner:${caller.id}`);
