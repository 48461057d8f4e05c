import {
  createSiblingAccount,
  createSiblingTransaction,
  newSiblingAccount,
  newSiblingTransaction,
  showSiblingAccount,
} from "../../contracts/http/ledger-siblings.ts";
import { DEFAULT_CURRENCY } from "../../contracts/http/telemetry.ts";
import type { Sql } from "../../platform/database/connect.ts";
import { AppError } from "../../platform/errors/app-error.ts";
import type { App } from "../../platform/http/create-app.ts";
import { requireOperator } from "../../platform/identity/authorize.ts";
import { uuidv7 } from "uuidv7";
import type { HouseAccounts } from "../actions/house-accounts.ts";
import type { Answer } from "../sql/answer.ts";
import type { GroupCommit } from "../commit/group-commit.ts";
import { requireExponent } from "../domain/currencies.ts";
import { accountIdOf } from "../domain/external-account-id.ts";
import { ordererOf } from "../domain/orderer.ts";
import { openAccount, readAccount } from "../sql/accounts.ts";
import type { TransferOrder } from "../sql/transfer-order.ts";
import { locationOf } from "./location-of.ts";
import { readMoneyRequest } from "./read-order.ts";
import { renamePointers } from "./rename-pointers.ts";
import { sendAnswer } from "./send-answer.ts";

type Deps = { sql: Sql; post: GroupCommit<TransferOrder>; house: HouseAccounts; wakeRelay: () => void };

/** What clients of a sibling system call already, under their own names for accounts. */
export const registerSiblings = (app: App, { sql, post, house, wakeRelay }: Deps): void => {
  app.openapi({ ...createSiblingAccount, request: {} }, async (c) => {
    requireOperator(c.var.caller);
    const { scope, actor } = ordererOf(c.var.caller);
    const { body, ...request } = await readMoneyRequest(c, newSiblingAccount);
    const { account_id: externalId, initial_balance: amount = "0", currency = DEFAULT_CURRENCY } = body;
    const exponent = requireExponent(currency);
    const opening = /[1-9]/.test(amount)
      ? { amount, fundingId: await house.funding(currency, request.headers), transferId: uuidv7() }
      : undefined;
    const id = accountIdOf(externalId);
    const order = { ...request, id, externalId, kind: "wallet" as const, currency, exponent, scope };
    const answer = await openAccount(sql, { ...order, actor, opening });
    wakeRelay();
    return sendAnswer(
      reshape(answer, accountOf, { "/openingBalance": "/initial_balance" }),
      answer.status === 201 ? { location: `/api/v1/accounts/${encodeURIComponent(externalId)}` } : {},
    );
  });

  app.openapi(showSiblingAccount, async (c) => {
    requireOperator(c.var.caller);
    const found = await readAccount(sql, accountIdOf(c.req.valid("param").account_id));
    if (!found) throw new AppError("account_not_found", "There is no such account");
    return sendAnswer(reshape({ status: 200, body: found.json, replayed: false }, accountOf, {}));
  });

  app.openapi({ ...createSiblingTransaction, request: {} }, async (c) => {
    requireOperator(c.var.caller);
    const { scope } = ordererOf(c.var.caller);
    const { body, ...request } = await readMoneyRequest(c, newSiblingTransaction);
    const { source_account_id: source, destination_account_id: destination } = body;
    const answer = await post.submit({
      ...request,
      id: uuidv7(),
      source: accountIdOf(source),
      destination: accountIdOf(destination),
      amount: body.amount,
      type: "transfer",
      scope,
      reference: body.reference_id,
    });
    return sendAnswer(
      reshape(answer, (json) => transactionOf(json, source, destination), POINTERS),
      locationOf(answer, "/v1/transfers/"),
    );
  });
};

type Json = Record<string, unknown>;

const POINTERS = {
  "/sourceAccountId": "/source_account_id",
  "/destinationAccountId": "/destination_account_id",
  "/referenceId": "/reference_id",
};

// The stored answer in the sibling's words: the same bytes in, the same bytes out.
const reshape = (answer: Answer, shape: (json: Json) => Json, pointers: Record<string, string>): Answer => {
  if (answer.status < 400) return { ...answer, body: JSON.stringify(shape(JSON.parse(answer.body) as Json)) };
  return renamePointers(answer, pointers);
};

const accountOf = (account: Json): Json => ({
  account_id: account["externalId"],
  balance: account["balance"],
  currency: account["currency"],
  created_at: account["createdAt"],
});

const transactionOf = (transfer: Json, source: string, destination: string): Json => ({
  id: transfer["id"],
  source_account_id: source,
  destination_account_id: destination,
  amount: transfer["amount"],
  currency: transfer["currency"],
  status: transfer["status"],
  created_at: transfer["recordedAt"],
});
