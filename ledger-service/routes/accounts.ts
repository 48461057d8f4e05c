import {
  accountChange,
  changeAccount as changeRoute,
  createAccount,
  listAccounts as listRoute,
  newAccount,
  showAccount,
} from "../../contracts/http/ledger-accounts.ts";
import type { Sql } from "../../platform/database/connect.ts";
import { AppError } from "../../platform/errors/app-error.ts";
import type { App } from "../../platform/http/create-app.ts";
import { tracing } from "../../platform/http/tracing.ts";
import { requireOperator } from "../../platform/identity/authorize.ts";
import { uuidv7 } from "uuidv7";
import { explainTaken } from "../actions/explain-taken.ts";
import { requireAccount } from "../actions/require-account.ts";
import type { Answer } from "../sql/answer.ts";
import { requireExponent } from "../domain/currencies.ts";
import { ordererOf } from "../domain/orderer.ts";
import { changeAccount, listAccounts, openAccount } from "../sql/accounts.ts";
import { ownWallet } from "../domain/own-wallet.ts";
import { locationOf } from "./location-of.ts";
import { readMoneyBody, readMoneyRequest } from "./read-order.ts";
import { renamePointers } from "./rename-pointers.ts";
import { sendAnswer, sendFound, sendPage } from "./send-answer.ts";

type Deps = { sql: Sql; wakeRelay: () => void };

export const registerAccounts = (app: App, { sql, wakeRelay }: Deps): void => {
  app.openapi({ ...createAccount, request: {} }, async (c) => {
    const { scope, owner, actor } = ordererOf(c.var.caller);
    const { body, ...request } = await readMoneyRequest(c, newAccount);
    const exponent = requireExponent(body.currency);
    const {
      openingBalance,
      fundingAccountId,
      id = uuidv7(),
      ...rest
    } = owner ? ownWallet(body, owner) : body;
    const answer = await openAccount(sql, {
      ...request,
      ...rest,
      id,
      exponent,
      scope,
      actor,
      opening:
        openingBalance === undefined || fundingAccountId === undefined
          ? undefined
          : { amount: openingBalance, fundingId: fundingAccountId, transferId: uuidv7(), payer: owner },
    });
    wakeRelay();
    if (answer.status === 409 && codeOf(answer) === "account_exists") throw await explainTaken(sql, rest);
    return sendAnswer(
      renamePointers(answer, { "/destinationAccountId": "/fundingAccountId" }),
      locationOf(answer, "/v1/accounts/"),
    );
  });

  app.openapi(showAccount, async (c) => {
    const { account_id: id } = c.req.valid("param");
    const { json } = await requireAccount(sql, id, ordererOf(c.var.caller));
    return sendFound(json, { etag: etagOf(json) });
  });

  app.openapi(listRoute, async (c) => {
    const { owner } = ordererOf(c.var.caller);
    const { ownerId, kind, cursor, limit } = c.req.valid("query");
    if (owner !== undefined && ownerId !== undefined && ownerId !== owner)
      throw new AppError("forbidden", "This belongs to another user");
    // One more than asked for tells whether there is a next page.
    const rows = await listAccounts(sql, {
      ownerId: owner ?? ownerId,
      kind,
      after: cursor,
      limit: limit + 1,
    });
    const found = rows.flatMap(({ json }) => json ?? []);
    // Where they stop short of that, the last row may say how far was looked.
    const nextCursor = (found.length > limit ? rows[limit - 1] : rows[found.length])?.id ?? null;
    return sendPage(found.slice(0, limit), nextCursor);
  });

  app.openapi({ ...changeRoute, request: { params: changeRoute.request.params } }, async (c) => {
    const operator = requireOperator(c.var.caller);
    const { body } = await readMoneyBody(c, accountChange);
    const { status, body: json } = await changeAccount(sql, {
      ...body,
      id: c.req.valid("param").account_id,
      expected: readVersion(c.req.header("if-match")),
      actor: `operator:${operator}`,
      instance: c.req.path,
      requestId: c.var.requestId,
      headers: tracing(c),
    });
    wakeRelay();
    return sendAnswer({ status, body: json, replayed: false }, status === 200 ? { etag: etagOf(json) } : {});
  });
};

const codeOf = ({ body }: Answer): string => (JSON.parse(body) as { code: string }).code;

const etagOf = (json: string): string => `"${/"version":(\d+)/.exec(json)?.[1] ?? ""}"`;

// Null is any version: "*" (RFC 9110 §13.1.1) holds wherever there is an account.
const readVersion = (header: string | undefined): string | null => {
  if (header === undefined)
    throw new AppError(
      "precondition_missing",
      "Send If-Match with the ETag that a GET of the account returned, or *",
    );
  if (header === "*") return null;
  const version = /^"(\d{1,18})"$/.exec(header)?.[1];
  if (version !== undefined) return version;
  throw new AppError("invalid_header", "Malformed header: if-match", {
    errors: [{ pointer: "/if-match", detail: 'must be an ETag such as "7", or *' }],
  });
};
