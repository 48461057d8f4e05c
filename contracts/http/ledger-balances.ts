import { createRoute, z } from "@hono/zod-openapi";
import { moment } from "../times.ts";
import { accountPath, tags } from "./ledger-accounts.ts";
import { reference } from "./ledger-fields.ts";
import { jsonAnswer, problems } from "./problem.ts";
import { bearer, inQuery, limit } from "./request-fields.ts";

const basis = inQuery(
  z.enum(["recorded", "effective"], { error: "must be recorded or effective" }).default("recorded"),
  "basis",
);

export const showBalance = createRoute({
  method: "get",
  path: "/v1/accounts/{account_id}/balance",
  tags,
  summary: "The balance at a moment",
  description: "By when entries were recorded, or by when they take effect.",
  security: bearer,
  request: {
    params: accountPath,
    query: z.object({
      at: inQuery(moment, "at"),
      basis,
    }),
  },
  responses: {
    200: jsonAnswer(
      "The balance then",
      z.object({
        accountId: z.string(),
        currency: z.string(),
        at: z.string(),
        basis: z.string(),
        balance: z.string(),
      }),
    ),
    ...problems(400, 401, 403, 404, 429, 503),
  },
});

export const statementLine = z.object({
  recordedAt: z.string(),
  effectiveAt: z.string(),
  transferId: z.string(),
  type: z.string(),
  amount: z.string().openapi({ example: "-12.50", description: "Credits positive" }),
  runningBalance: z.string(),
  counterpartyAccountId: z.string(),
  referenceId: reference.optional(),
  description: z.string().optional(),
});

export const showStatement = createRoute({
  method: "get",
  path: "/v1/accounts/{account_id}/statement",
  tags,
  summary: "What moved on an account from one moment (inclusive) to another (exclusive)",
  description:
    "By when entries were recorded, or by when they take effect: then one that is recorded late belongs to the time it counts from, and the balances of what comes after move. The pages of one statement show it as it was at the first.",
  security: bearer,
  request: {
    params: accountPath,
    query: z
      .object({
        from: inQuery(moment, "from"),
        to: inQuery(moment, "to"),
        basis,
        cursor: inQuery(z.string().max(4_000).optional(), "cursor"),
        limit,
      })
      .refine(({ from, to }) => Date.parse(from) <= Date.parse(to), {
        path: ["to"],
        message: "must not be before from",
      }),
  },
  responses: {
    200: jsonAnswer(
      "A page of it",
      z.object({
        accountId: z.string(),
        currency: z.string(),
        from: z.string(),
        to: z.string(),
        basis: z.string(),
        openingBalance: z.string(),
        closingBalance: z.string(),
        lines: z.array(statementLine),
        nextCursor: z.string().nullable(),
      }),
    ),
    ...problems(400, 401, 403, 404, 429, 503),
  },
});
