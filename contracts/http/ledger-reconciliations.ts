import { createRoute, z } from "@hono/zod-openapi";
import { idempotencyHeaders } from "./ledger-fields.ts";
import { inQuery, limit, operator, uuid, uuidCursor } from "./request-fields.ts";
import { jsonAnswer, problems } from "./problem.ts";

const tags = ["Ledger"];
const accountId = uuid.openapi({ param: { name: "account_id", in: "path" } });
const accountPath = z.object({ account_id: accountId });
const runPath = z.object({
  account_id: accountId,
  reconciliation_id: uuid.openapi({ param: { name: "reconciliation_id", in: "path" } }),
});
const day = z.iso
  .date({ message: "must be a day such as 2026-11-30" })
  // Neither calendar of PostgreSQL nor anybody's statement has a year 0.
  .refine((text) => !text.startsWith("0000"), "must be a day such as 2026-11-30");

export const reconciliation = z
  .object({
    id: z.string(),
    accountId: z.string(),
    from: z.string().openapi({ example: "2026-11-01" }),
    to: z.string().openapi({ description: "The last day, included" }),
    toleranceDays: z.int(),
    lines: z.int().openapi({ description: "Of the statement" }),
    matched: z.int(),
    exceptions: z.int(),
    createdBy: z.string(),
    createdAt: z.string(),
  })
  .openapi("LedgerReconciliation");

export const reconciliationItem = z
  .object({
    outcome: z.enum([
      "matched_by_reference",
      "matched_by_amount_and_date",
      "amount_differs",
      "repeated_line",
      "ambiguous",
      "not_in_ledger",
      "not_in_statement",
    ]),
    line: z
      .object({
        number: z.int().openapi({ description: "In the file" }),
        date: z.string(),
        amount: z.string(),
        reference: z.string().nullable(),
      })
      .nullable(),
    entry: z.object({ transferId: z.string(), date: z.string(), amount: z.string() }).nullable(),
  })
  .openapi("LedgerReconciliationItem");

export const reconcileAccount = createRoute({
  method: "post",
  path: "/v1/accounts/{account_id}/reconciliations",
  tags,
  summary: "Compare an account with a statement from outside",
  description:
    "The body is CSV with a heading: date (YYYY-MM-DD), amount (what the account received positive), and reference if there is one. A line matches the transfer that it names, or else the one entry of its amount within the tolerance; everything else is an exception. What was found is kept.",
  security: operator,
  request: {
    params: accountPath,
    headers: idempotencyHeaders,
    query: z
      .object({
        from: inQuery(day.optional(), "from"),
        to: inQuery(day.optional(), "to"),
        toleranceDays: inQuery(
          z
            .string()
            .regex(/^\d{1,9}$/, "must be a whole number")
            .transform(Number)
            .pipe(z.number().max(31, "must be at most 31"))
            .default(3),
          "toleranceDays",
        ),
      })
      .refine(({ from, to }) => from === undefined || to === undefined || from <= to, {
        path: ["to"],
        message: "must not be before from",
      }),
    body: {
      required: true,
      content: {
        "text/csv": {
          schema: z.string().openapi({ example: "date,amount,reference\n2026-11-01,12.50,order-1\n" }),
        },
      },
    },
  },
  responses: {
    201: jsonAnswer("Compared", reconciliation),
    ...problems(400, 401, 403, 404, 409, 413, 415, 422, 429, 503),
  },
});

export const listReconciliations = createRoute({
  method: "get",
  path: "/v1/accounts/{account_id}/reconciliations",
  tags,
  summary: "Comparisons of an account, newest first",
  security: operator,
  request: { params: accountPath, query: z.object({ cursor: uuidCursor, limit }) },
  responses: {
    200: jsonAnswer(
      "A page",
      z.object({ items: z.array(reconciliation), nextCursor: z.string().nullable() }),
    ),
    ...problems(400, 401, 403, 404, 429, 503),
  },
});

export const showReconciliation = createRoute({
  method: "get",
  path: "/v1/accounts/{account_id}/reconciliations/{reconciliation_id}",
  tags,
  summary: "A comparison",
  security: operator,
  request: { params: runPath },
  responses: { 200: jsonAnswer("Found", reconciliation), ...problems(400, 401, 403, 404, 429, 503) },
});

export const listReconciliationItems = createRoute({
  method: "get",
  path: "/v1/accounts/{account_id}/reconciliations/{reconciliation_id}/items",
  tags,
  summary: "What a comparison found: the exceptions, or everything",
  security: operator,
  request: {
    params: runPath,
    query: z.object({
      show: inQuery(
        z.enum(["exceptions", "all"], { error: "must be exceptions or all" }).default("exceptions"),
        "show",
      ),
      cursor: inQuery(
        z
          .string()
          .regex(/^\d{1,9}$/, "must be a nextCursor of before")
          .optional(),
        "cursor",
      ),
      limit,
    }),
  },
  responses: {
    200: jsonAnswer(
      "A page",
      z.object({ items: z.array(reconciliationItem), nextCursor: z.string().nullable() }),
    ),
    ...problems(400, 401, 403, 404, 429, 503),
  },
});
