import { createRoute, z } from "@hono/zod-openapi";
import { currency } from "../fields.ts";

import { description, idempotencyHeaders, money } from "./ledger-fields.ts";
import { bearer, inQuery, limit, operator, uuid, uuidCursor } from "./request-fields.ts";
import { jsonAnswer, jsonBody, madeAnswer, problems } from "./problem.ts";

export const tags = ["Ledger"];
export const accountPath = z.object({
  account_id: uuid.openapi({ param: { name: "account_id", in: "path" } }),
});

export const accountKind = z.enum(["wallet", "credit_line", "bank", "system"], {
  error: "must be wallet, credit_line, bank or system",
});
export const accountStatus = z.enum(["open", "frozen", "closed"], {
  error: "must be open, frozen or closed",
});

export const account = z
  .object({
    id: z.string(),
    externalId: z.string().optional(),
    kind: accountKind,
    status: accountStatus,
    currency: z.string().openapi({ example: "USD" }),
    ownerId: z.string().optional(),
    name: z.string().optional(),
    balance: z.string().openapi({ example: "12.50", description: "Credits less debits, posted" }),
    creditLimit: z.string().optional(),
    available: z
      .string()
      .optional()
      .openapi({ description: "What can still be taken; left out where there is no limit" }),
    debitsPosted: z.string(),
    creditsPosted: z.string(),
    debitsPending: z.string(),
    creditsPending: z.string(),
    version: z.int(),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .openapi("LedgerAccount");

export const newAccount = z
  .strictObject({
    id: uuid
      .optional()
      .openapi({ description: "Chosen by the client, or made here; a user's not of version 5" }),
    kind: accountKind.default("wallet"),
    currency,
    ownerId: uuid.optional().openapi({ description: "A user; for a user's own token it is the user" }),
    name: description.optional(),
    creditLimit: money.optional().openapi({ description: "Of a credit line" }),
    subBalances: z
      .int("must be a whole number")
      .min(0, "must be at least 0")
      .max(256, "must be at most 256")
      .optional()
      .openapi({ description: "Of a busy account without a limit: how many parts its counters have" }),
    openingBalance: money.optional(),
    fundingAccountId: uuid.optional().openapi({ description: "Where the opening balance comes from" }),
  })
  .refine((body) => (body.kind === "credit_line") === (body.creditLimit !== undefined), {
    path: ["creditLimit"],
    message: "is what credit lines must have, and no other kind may",
  })
  .refine((body) => body.subBalances === undefined || body.kind === "bank" || body.kind === "system", {
    path: ["subBalances"],
    message: "may be given for bank and system accounts alone",
  })
  .refine((body) => (body.openingBalance === undefined) === (body.fundingAccountId === undefined), {
    path: ["fundingAccountId"],
    message: "must be given together with openingBalance",
  })
  .refine((body) => body.id === undefined || body.id !== body.fundingAccountId, {
    path: ["fundingAccountId"],
    message: "must be another account",
  })
  .openapi("NewLedgerAccount");

export const createAccount = createRoute({
  method: "post",
  path: "/v1/accounts",
  tags,
  summary: "Open an account",
  description:
    "A user opens wallets of their own; operators open any. An opening balance is a transfer from a funding account: both happen, or neither. 409 account_exists where the id is taken, or the person has a credit line in the currency (accountId).",
  security: bearer,
  request: { headers: idempotencyHeaders, body: jsonBody(newAccount) },
  responses: {
    201: madeAnswer("Opened", account),
    ...problems(400, 401, 403, 404, 409, 413, 415, 422, 429, 503),
  },
});

export const showAccount = createRoute({
  method: "get",
  path: "/v1/accounts/{account_id}",
  tags,
  summary: "An account and its counters",
  description: "The ETag is the version, for If-Match.",
  security: bearer,
  request: { params: accountPath },
  responses: { 200: jsonAnswer("Found", account), ...problems(400, 401, 403, 404, 429, 503) },
});

export const listAccounts = createRoute({
  method: "get",
  path: "/v1/accounts",
  tags,
  summary: "Accounts, newest first: a user's own, or for operators everybody's",
  security: bearer,
  request: {
    query: z.object({
      ownerId: inQuery(uuid.optional(), "ownerId"),
      kind: inQuery(accountKind.optional(), "kind").openapi({
        description: "With it a page may be short, even empty, and still have a nextCursor",
      }),
      cursor: uuidCursor,
      limit,
    }),
  },
  responses: {
    200: jsonAnswer("A page", z.object({ items: z.array(account), nextCursor: z.string().nullable() })),
    ...problems(400, 401, 403, 429, 503),
  },
});

export const accountChange = z
  .strictObject({
    creditLimit: money.optional(),
    status: accountStatus.optional(),
    reason: description.optional(),
  })
  .refine((body) => (body.creditLimit === undefined) !== (body.status === undefined), {
    path: ["creditLimit"],
    message: "must be given, or else status; not both",
  })
  .openapi("LedgerAccountChange");

export const changeAccount = createRoute({
  method: "patch",
  path: "/v1/accounts/{account_id}",
  tags,
  summary: "Change an account's limit or status",
  description:
    "If-Match must hold the account's present ETag, else 412; with * the account is changed whatever has become of it meanwhile, as freezing a busy one at once may need. An account that a partner's captures settle to is not closed (409 account_needed, with its partnerId), nor one of the ledger's own. A limit below what is in use breaks nothing that is there, and blocks what is new.",
  security: operator,
  request: {
    params: accountPath,
    headers: z.object({
      "if-match": z
        .string()
        .optional()
        .openapi({ param: { in: "header", required: true }, description: "The ETag of a GET, or *" }),
    }),
    body: jsonBody(accountChange),
  },
  responses: {
    200: jsonAnswer("Changed", account),
    ...problems(400, 401, 403, 404, 409, 412, 413, 415, 422, 429, 503),
  },
});
