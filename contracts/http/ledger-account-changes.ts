import { createRoute, z } from "@hono/zod-openapi";
import { accountPath, accountStatus } from "./ledger-accounts.ts";
import { jsonAnswer, problems } from "./problem.ts";
import { bearer, limit, versionCursor } from "./request-fields.ts";

export const accountChangeMade = z
  .object({
    version: z.int().openapi({
      description: "The account's after it; of a busy one with parts, that of its own row",
    }),
    change: z.enum(["opened", "limit", "status"]),
    status: accountStatus.openapi({ description: "After it" }),
    creditLimit: z.string().optional().openapi({ description: "After it; of credit lines" }),
    actor: z.string().optional().openapi({
      description: "operator:<id>, user:<id> or the process that did it; told to operators",
    }),
    reason: z.string().optional().openapi({ description: "In the operator's words; told to operators" }),
    changedAt: z.string(),
  })
  .openapi("LedgerAccountChangeMade");

export const listAccountChanges = createRoute({
  method: "get",
  path: "/v1/accounts/{account_id}/changes",
  tags: ["Ledger"],
  summary: "What was changed of an account itself, newest first: its opening, limits and states",
  description:
    "What moves money is in the statement. Operators are told by whom and why, the account's owner what and when.",
  security: bearer,
  request: { params: accountPath, query: z.object({ cursor: versionCursor, limit }) },
  responses: {
    200: jsonAnswer(
      "A page",
      z.object({ items: z.array(accountChangeMade), nextCursor: z.string().nullable() }),
    ),
    ...problems(400, 401, 403, 404, 429, 503),
  },
});
