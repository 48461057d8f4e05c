import { createRoute, z } from "@hono/zod-openapi";
import { currency } from "../fields.ts";
import { moment } from "../times.ts";
import { description, idempotencyHeaders, nothing, positiveMoney, reference } from "./ledger-fields.ts";
import { bearer, inQuery, limit, operator, uuid } from "./request-fields.ts";
import { jsonAnswer, jsonBody, madeAnswer, problem, problems } from "./problem.ts";

const tags = ["Ledger"];
const transferPath = z.object({
  transfer_id: uuid.openapi({ param: { name: "transfer_id", in: "path" } }),
});

export const transferStatus = z.enum(["pending", "complete", "failed", "rollback"], {
  error: "must be pending, complete, failed or rollback",
});

const TYPE = /^[a-z][a-z0-9_-]{0,31}$/;

/** What a client may call a transfer of its own; the ledger's own are opening, revert and capture. */
const clientType = z
  .string()
  .regex(TYPE, "must be a lower-case word of at most 32 characters")
  .refine((type) => !["opening", "revert", "capture"].includes(type), "is one of the ledger's own")
  .default("transfer");

export const transfer = z
  .object({
    id: z.string(),
    type: z.string(),
    status: transferStatus,
    sourceAccountId: z.string(),
    destinationAccountId: z.string(),
    amount: z.string().openapi({ example: "12.50" }),
    currency: z.string(),
    referenceId: z.string().optional(),
    description: z.string().optional(),
    effectiveAt: z.string(),
    recordedAt: z.string(),
    holdId: z.string().optional(),
    revertsTransferId: z.string().optional(),
    revertedByTransferId: z.string().optional(),
    failureReason: z.string().optional(),
    attempts: z.int().optional(),
    lastError: z.string().optional(),
    lastAttemptAt: z.string().optional(),
    nextAttemptAt: z.string().optional(),
  })
  .openapi("LedgerTransfer");

/** A transfer as a dry run tells it. */
export const transferToBe = transfer
  .omit({ id: true })
  .extend({ id: z.string().optional(), dryRun: z.literal(true) })
  .openapi("LedgerTransferToBe");

const effectiveAt = moment
  .optional()
  .openapi({ description: "From when it counts, where that is not now; for operators alone" });

const order = {
  sourceAccountId: uuid,
  destinationAccountId: uuid,
  amount: positiveMoney,
  currency: currency.optional().openapi({ description: "Refused unless it is the accounts'" }),
  type: clientType,
  referenceId: reference.optional().openapi({
    description: "The business's own id: counts once per caller and type, for ever; operators are one caller",
  }),
  description: description.optional(),
  effectiveAt,
};

const differ = {
  path: ["destinationAccountId"],
  message: "must differ from sourceAccountId",
};
const twoAccounts = (body: { sourceAccountId: string; destinationAccountId: string }): boolean =>
  body.sourceAccountId !== body.destinationAccountId;

const YEAR_MS = 366 * 86_400_000;

export const newTransfer = z
  .strictObject({
    ...order,
    waitForFunds: z.boolean("must be true or false").optional().openapi({
      description:
        "202 and pending where the account holds too little; tried again for a day, also while the account is frozen",
    }),
    executeAt: moment
      .refine((at) => Date.parse(at) <= Date.now() + YEAR_MS, "must be at most a year ahead")
      .optional()
      .openapi({ description: "202 and pending until then; at most a year ahead" }),
  })
  .refine(twoAccounts, differ)
  .openapi("NewLedgerTransfer");

export const createTransfer = createRoute({
  method: "post",
  path: "/v1/transfers",
  tags,
  summary: "Move money between two accounts",
  description:
    "A user pays from wallets of their own; operators from any account. A transfer with a reference that is known already is answered 200 with that transfer.",
  security: bearer,
  request: { headers: idempotencyHeaders, body: jsonBody(newTransfer) },
  responses: {
    200: jsonAnswer("Made before, under the same reference", transfer),
    201: madeAnswer("Moved", transfer),
    202: madeAnswer("Waits", transfer),
    ...problems(400, 401, 403, 404, 409, 413, 415, 422, 429, 503),
  },
});

export const dryRunTransfer = createRoute({
  method: "post",
  path: "/v1/transfers/dry-run",
  tags,
  summary: "What a transfer would be answered; nothing is moved or kept",
  description:
    "Without an id, since there is none; with one where its reference was used for the same before.",
  security: bearer,
  request: { body: jsonBody(newTransfer) },
  responses: {
    200: jsonAnswer("It would be made", transferToBe),
    ...problems(400, 401, 403, 404, 409, 413, 415, 422, 429, 503),
  },
});

export const MAX_BULK = 1_000;

export const bulkTransfers = z
  .strictObject({
    mode: z.enum(["atomic", "continue"], { error: "must be atomic or continue" }).default("atomic"),
    transfers: z
      .array(z.strictObject({ ...order, idempotencyKey: reference.optional() }).refine(twoAccounts, differ))
      .min(1, "must have at least 1")
      .max(MAX_BULK, `must have at most ${MAX_BULK}`),
  })
  .openapi("BulkTransfers");

/** What became of one of many; `problem` as it is answered for one alone. */
const bulkItem = z.object({ status: z.int(), transfer: transfer.optional(), problem: problem.optional() });
const bulkAnswer = z.object({ posted: z.int(), refused: z.int(), items: z.array(bulkItem) });

export const createTransfers = createRoute({
  method: "post",
  path: "/v1/transfers/bulk",
  tags,
  summary: `Up to ${MAX_BULK} transfers in one go: all or none, or each by itself`,
  description:
    "atomic: 201, or 422 batch_refused with the refusals and nothing moved. continue: 201 when all were posted, else 200; each item has its own status. An item's idempotencyKey gives the same item of another batch the first answer; it is none of a single transfer's, nor the batch's own.",
  security: bearer,
  request: { headers: idempotencyHeaders, body: jsonBody(bulkTransfers) },
  responses: {
    200: jsonAnswer("Some were refused", bulkAnswer),
    201: jsonAnswer("All were posted", bulkAnswer),
    ...problems(400, 401, 403, 409, 413, 415, 422, 429, 503),
  },
});

export const showTransfer = createRoute({
  method: "get",
  path: "/v1/transfers/{transfer_id}",
  tags,
  summary: "A transfer",
  security: bearer,
  request: { params: transferPath },
  responses: { 200: jsonAnswer("Found", transfer), ...problems(400, 401, 403, 404, 429, 503) },
});

const onlyByReference = "goes with referenceId alone";

const transferQuery = z
  .object({
    accountId: inQuery(uuid.optional(), "accountId"),
    status: inQuery(transferStatus.optional(), "status").openapi({
      description:
        "Of an account's; complete and rollback if not given. With rollback a page may be short, even empty, and still have a nextCursor",
    }),
    referenceId: inQuery(reference.optional(), "referenceId"),
    type: inQuery(
      z.string().regex(TYPE, "must be a lower-case word of at most 32 characters").optional().openapi({
        description: "Of a reference's; any of the first thousand, by the alphabet, if not given",
      }),
      "type",
    ),
    userId: inQuery(
      uuid.optional().openapi({ description: "Whose reference it is, where it is not the operators'" }),
      "userId",
    ),
    cursor: inQuery(z.string().max(200).optional(), "cursor"),
    limit,
  })
  .refine((query) => (query.accountId === undefined) !== (query.referenceId === undefined), {
    path: ["accountId"],
    message: "must be given, or else referenceId; not both",
  })
  .refine((query) => query.status === undefined || query.referenceId === undefined, {
    path: ["status"],
    message: "goes with accountId alone",
  })
  .refine((query) => query.type === undefined || query.referenceId !== undefined, {
    path: ["type"],
    message: onlyByReference,
  })
  .refine((query) => query.userId === undefined || query.referenceId !== undefined, {
    path: ["userId"],
    message: onlyByReference,
  });

export const listTransfers = createRoute({
  method: "get",
  path: "/v1/transfers",
  tags,
  summary: "An account's transfers, or those of a reference, newest first",
  description:
    "Either accountId or referenceId. Users look among their own references and, where the transfer is from or to an account of theirs, the operators'. One that failed has left its reference free and is not found by it.",
  security: bearer,
  request: { query: transferQuery },
  responses: {
    200: jsonAnswer("A page", z.object({ items: z.array(transfer), nextCursor: z.string().nullable() })),
    ...problems(400, 401, 403, 404, 429, 503),
  },
});

export const cancelTransfer = createRoute({
  method: "post",
  path: "/v1/transfers/{transfer_id}/cancel",
  tags,
  summary: "Call back a transfer that waits for funds or for its time",
  description:
    "By whoever ordered it, or by an operator. It is failed then, with the reason cancelled, and its reference is free. 409 transfer_not_pending where nothing waits any more.",
  security: bearer,
  request: { params: transferPath, headers: idempotencyHeaders, body: jsonBody(nothing) },
  responses: {
    200: jsonAnswer("Called back", transfer),
    ...problems(400, 401, 403, 404, 409, 413, 415, 422, 429, 503),
  },
});

export const reversal = z
  .strictObject({ description: description.optional(), effectiveAt })
  .openapi("LedgerReversal");

export const revertTransfer = createRoute({
  method: "post",
  path: "/v1/transfers/{transfer_id}/revert",
  tags,
  summary: "Move a transfer's amount back, once",
  security: operator,
  request: { params: transferPath, headers: idempotencyHeaders, body: jsonBody(reversal) },
  responses: {
    201: madeAnswer("Moved back", transfer),
    ...problems(400, 401, 403, 404, 409, 413, 415, 422, 429, 503),
  },
});
