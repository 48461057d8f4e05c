import { acceptOffer as contract, acceptance } from "../../contracts/http/credit.ts";
import { AppError } from "../../platform/errors/app-error.ts";
import type { App } from "../../platform/http/create-app.ts";
import { readOptionalJson } from "../../platform/http/read-json.ts";
import { tellRepeat } from "../../platform/idempotency/tell-repeat.ts";
import { requireSelf } from "../../platform/identity/authorize.ts";
import type { AcceptOffer } from "../actions/accept-offer.ts";
import { MAX_BODY_BYTES } from "./json-only.ts";
import { tracing } from "../../platform/http/tracing.ts";

const route = {
  ...contract,
  request: { params: contract.request.params, headers: contract.request.headers },
};

export const registerAcceptOffer = (app: App, { acceptOffer }: { acceptOffer: AcceptOffer }): void => {
  app.openapi(route, async (c) => {
    const caller = c.var.caller;
    if (caller.kind !== "user") throw new AppError("forbidden", "Only the person themselves may accept");
    // Clients send nothing, nothing that calls itself JSON, or an object.
    const { userId = caller.id } = (await readOptionalJson(c, acceptance, MAX_BODY_BYTES)) ?? {};
    requireSelf(caller, userId);
    const { repeated } = await acceptOffer({
      offerId: c.req.valid("param").offer_id,
      userId,
      idempotencyKey: c.req.valid("header")["idempotency-key"],
      headers: tracing(c),
    });
    tellRepeat(c, repeated);
    return c.json({ status: "offer acceptance is being processed" } as const, 202);
  });
};
