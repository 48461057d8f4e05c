import type { z } from "zod";
import { nothing } from "../../contracts/http/ledger-fields.ts";
import {
  bulkTransfers,
  cancelTransfer as cancelRoute,
  createTransfer,
  createTransfers,
  dryRunTransfer,
  newTransfer,
  reversal,
  revertTransfer as revertRoute,
} from "../../contracts/http/ledger-transfers.ts";
import type { Sql } from "../../platform/database/connect.ts";
import { AppError } from "../../platform/errors/app-error.ts";
import type { App } from "../../platform/http/create-app.ts";
import { requireOperator } from "../../platform/identity/authorize.ts";
import { uuidv7 } from "uuidv7";
import type { Bulk } from "../actions/bulk.ts";
import type { Answer } from "../sql/answer.ts";
import type { GroupCommit } from "../commit/group-commit.ts";
import { type Orderer, ordererOf } from "../domain/orderer.ts";
import { cancelTransfer, postTransfers, revertTransfer } from "../sql/post-transfers.ts";
import type { TransferOrder } from "../sql/transfer-order.ts";
import { locationOf } from "./location-of.ts";
import { readMoneyBody, readMoneyRequest } from "./read-order.ts";
import { sendAnswer } from "./send-answer.ts";

export type TransferDeps = { sql: Sql; post: GroupCommit<TransferOrder>; bulk: Bulk; wakeRelay: () => void };

/** What moves money. */
export const registerTransfers = (app: App, { sql, post, bulk, wakeRelay }: TransferDeps): void => {
  app.openapi({ ...createTransfer, request: {} }, async (c) => {
    const orderer = ordererOf(c.var.caller);
    const { body, ...request } = await readMoneyRequest(c, newTransfer);
    const answer = await post.submit({ ...request, ...toOrder(body, orderer) });
    return sendAnswer(answer, locationOf(answer, "/v1/transfers/"));
  });

  app.openapi({ ...dryRunTransfer, request: {} }, async (c) => {
    const orderer = ordererOf(c.var.caller);
    const { body } = await readMoneyBody(c, newTransfer);
    const order = { ...toOrder(body, orderer), requestId: c.var.requestId, instance: c.req.path };
    const [answer] = await postTransfers(sql, [order], { dry: true });
    return sendAnswer(asDryRun(answer!));
  });

  app.openapi({ ...createTransfers, request: {} }, async (c) => {
    const orderer = ordererOf(c.var.caller);
    const { body, ...request } = await readMoneyRequest(c, bulkTransfers);
    return sendAnswer(
      await bulk({
        ...request,
        scope: orderer.scope,
        owner: orderer.owner,
        atomic: body.mode === "atomic",
        orders: body.transfers.map((item, index) => ({
          ...toOrder(item, orderer, `/transfers/${index}`),
          key: item.idempotencyKey,
          requestId: request.requestId,
          instance: request.instance,
        })),
      }),
    );
  });

  app.openapi({ ...cancelRoute, request: { params: cancelRoute.request.params } }, async (c) => {
    const { scope } = ordererOf(c.var.caller);
    const { body: _nothing, ...request } = await readMoneyRequest(c, nothing);
    const answer = await cancelTransfer(sql, {
      ...request,
      scope,
      transferId: c.req.valid("param").transfer_id,
    });
    wakeRelay();
    return sendAnswer(answer);
  });

  app.openapi({ ...revertRoute, request: { params: revertRoute.request.params } }, async (c) => {
    requireOperator(c.var.caller);
    const { scope } = ordererOf(c.var.caller);
    const { body, ...request } = await readMoneyRequest(c, reversal);
    const answer = await revertTransfer(sql, {
      ...request,
      scope,
      transferId: c.req.valid("param").transfer_id,
      newId: uuidv7(),
      description: body.description,
      effectiveAt: body.effectiveAt,
    });
    wakeRelay();
    return sendAnswer(answer, locationOf(answer, "/v1/transfers/"));
  });
};

// A transfer that was not made has no id; one that was made before, under the same reference, has.
const asDryRun = ({ status, body, replayed }: Answer): Answer => {
  const transfer = replayed ? body.slice(1) : body.replace(/^\{"id":"[^"]*",/, "");
  return { status, body: status === 200 ? `{"dryRun":true,${transfer}` : body, replayed: false };
};

type Body = z.output<typeof newTransfer> | z.output<typeof bulkTransfers>["transfers"][number];

const toOrder = (
  body: Body,
  { scope, owner }: Orderer,
  pointer = "",
): Omit<TransferOrder, "requestId" | "instance"> => {
  // Whoever chooses the day could have paid a line back before it was drawn.
  if (owner !== undefined && body.effectiveAt !== undefined)
    throw new AppError("forbidden", "Users' transfers count from when they are made", {
      errors: [{ pointer: `${pointer}/effectiveAt`, detail: "is for operators" }],
    });
  return {
    id: uuidv7(),
    source: body.sourceAccountId,
    destination: body.destinationAccountId,
    amount: body.amount,
    type: body.type,
    scope,
    owner,
    currency: body.currency,
    reference: body.referenceId,
    description: body.description,
    effectiveAt: body.effectiveAt,
    ...("waitForFunds" in body && { waitForFunds: body.waitForFunds }),
    ...("executeAt" in body && { executeAt: body.executeAt }),
  };
};
