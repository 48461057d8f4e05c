import { createRoute, z } from "@hono/zod-openapi";
import { currency } from "../fields.ts";
import { idempotencyHeaders, money, positiveMoney, reference } from "./ledger-fields.ts";
import { operator } from "./request-fields.ts";
import { jsonAnswer, jsonBody, madeAnswer, problems } from "./problem.ts";

// What clients of a sibling system call already: their names, their own account ids, operators alone.
const tags = ["Ledger"];

const accountId = z
  .union([z.string(), z.number()], "must be a text or a whole number")
  .transform(String)
  .pipe(reference)
  .openapi({ type: "string", example: "4711", description: "The client's own id" });

export const siblingAccount = z
  .object({ account_id: z.string(), balance: z.string(), currency: z.string(), created_at: z.string() })
  .openapi("SiblingAccount");

export const newSiblingAccount = z
  .strictObject({
    account_id: accountId.refine((id) => !/^(house|settlement):/.test(id), "is one of the ledger's own"),
    initial_balance: money.optional(),
    currency: currency.optional().openapi({ description: "The platform's own if left out" }),
  })
  .openapi("NewSiblingAccount");

export const createSiblingAccount = createRoute({
  method: "post",
  path: "/api/v1/accounts",
  tags,
  summary: "Open an account under a client's own id",
  description: "An initial balance comes from the house's funding account of the currency.",
  security: operator,
  request: { headers: idempotencyHeaders, body: jsonBody(newSiblingAccount) },
  responses: {
    201: madeAnswer("Opened", siblingAccount),
    ...problems(400, 401, 403, 409, 413, 415, 422, 429, 503),
  },
});

export const showSiblingAccount = createRoute({
  method: "get",
  path: "/api/v1/accounts/{account_id}",
  tags,
  summary: "An account under a client's own id",
  security: operator,
  request: {
    params: z.object({ account_id: reference.openapi({ param: { name: "account_id", in: "path" } }) }),
  },
  responses: { 200: jsonAnswer("Found", siblingAccount), ...problems(400, 401, 403, 404, 429, 503) },
});

export const siblingTransaction = z
  .object({
    id: z.string(),
    source_account_id: z.string(),
    destination_account_id: z.string(),
    amount: z.string(),
    currency: z.string(),
    status: z.string(),
    created_at: z.string(),
  })
  .openapi("SiblingTransaction");

export const newSiblingTransaction = z
  .strictObject({
    source_account_id: accountId,
    destination_account_id: accountId,
    amount: positiveMoney,
    reference_id: reference.optional(),
  })
  .refine((body) => body.source_account_id !== body.destination_account_id, {
    path: ["destination_account_id"],
    message: "must differ from source_account_id",
  })
  .openapi("NewSiblingTransaction");

export const createSiblingTransaction = createRoute({
  method: "post",
  path: "/api/v1/transactions",
  tags,
  summary: "Move money between two accounts under a client's own ids",
  security: operator,
  request: { headers: idempotencyHeaders, body: jsonBody(newSiblingTransaction) },
  responses: {
    200: jsonAnswer("Made before, under the same reference", siblingTransaction),
    201: madeAnswer("Moved", siblingTransaction),
    ...problems(400, 401, 403, 404, 409, 413, 415, 422, 429, 503),
  },
});
