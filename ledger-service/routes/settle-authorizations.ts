import {
  captureAuthorization,
  newCapture,
  voidAuthorization,
} from "../../contracts/http/settle-authorizations.ts";
import { nothing } from "../../contracts/http/ledger-fields.ts";
import type { App } from "../../platform/http/create-app.ts";
import { uuidv7 } from "uuidv7";
import type { Holds } from "../actions/holds.ts";
import { settlerScope } from "../domain/holder.ts";
import { locationOf } from "./location-of.ts";
import { readMoneyRequest } from "./read-order.ts";
import { tellingOf } from "./send-answer.ts";

/** What becomes of authorizations: captures and voids, one by one. */
export const registerSettlement = (app: App, { holds }: { holds: Holds }): void => {
  const onlyPath = { params: captureAuthorization.request.params };

  app.openapi({ ...captureAuthorization, request: onlyPath }, async (c) => {
    const scope = settlerScope(c.var.caller);
    const { body, ...request } = await readMoneyRequest(c, newCapture);
    const answer = await holds.capture({
      ...request,
      scope,
      id: uuidv7(),
      holdId: c.req.valid("param").authorization_id,
      amount: body.amount ?? null,
      final: body.final,
      destination: body.destinationAccountId ?? null,
      reference: body.referenceId ?? null,
    });
    const { caller } = c.var;
    // A partner cannot look at transfers; its captures are listed under the authorization.
    return tellingOf(caller).answer(
      answer,
      caller.kind === "partner" ? {} : locationOf(answer, "/v1/transfers/"),
    );
  });

  app.openapi({ ...voidAuthorization, request: onlyPath }, async (c) => {
    const scope = settlerScope(c.var.caller);
    const { body: _nothing, ...request } = await readMoneyRequest(c, nothing);
    return tellingOf(c.var.caller).answer(
      await holds.void({ ...request, scope, holdId: c.req.valid("param").authorization_id }),
    );
  });
};
