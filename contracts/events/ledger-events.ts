import { z } from "@hono/zod-openapi";
import { sagaEvent } from "./saga-events.ts";
import { utcTime } from "../times.ts";

// Amounts are decimal texts in the currency's unit; versions put the changes of one account, or of one part of it
// (`sub`, 0 where it has none), in order. Members that older events had besides are left aside.

const decimal = z.string().regex(/^-?\d+(\.\d+)?$/);
const version = z.int().min(1);
const occurredAt = utcTime;

const account = z.object({
  accountId: z.uuid(),
  version,
  currency: z.string(),
  ownerId: z.uuid().optional(),
  /** Of credit lines. */
  creditLimit: decimal.optional(),
  occurredAt,
});

const transfer = z.object({
  transferId: z.uuid(),
  type: z.string(),
  sourceAccountId: z.uuid(),
  destinationAccountId: z.uuid(),
  amount: decimal,
  currency: z.string(),
  /** The first events of captures said null. */
  referenceId: z
    .string()
    .nullish()
    .transform((reference) => reference ?? undefined),
  revertsTransferId: z.uuid().optional(),
  occurredAt,
});

const purchase = z.object({
  authorizationId: z.uuid(),
  userId: z.uuid(),
  accountId: z.uuid(),
  currency: z.string(),
  referenceId: z.string().nullable(),
  occurredAt,
});

const decided = purchase.extend({ amount: decimal, groupId: z.uuid().nullable() });
const released = purchase.extend({
  accountVersion: version,
  releasedAmount: decimal,
  groupId: z.uuid().nullable(),
});

/** What the ledger announces on the stream LEDGER, by subject. */
export const ledgerEvents = {
  "account.created": account.extend({
    kind: z.enum(["wallet", "credit_line", "bank", "system"]),
    externalId: z.string().optional(),
    offerId: z.uuid().optional(),
  }),
  "account.updated": account.extend({
    status: z.enum(["open", "frozen", "closed"]),
    reason: z.string().optional(),
  }),
  "transaction.submitted": transfer.extend({
    status: z.literal("pending"),
    /** Why it waits, where it was tried already. */
    failureReason: z.string().optional(),
  }),
  "transaction.completed": transfer.extend({
    status: z.literal("complete"),
    /** Of a capture. */
    holdId: z.uuid().optional(),
    sourceVersion: version,
    sourceSub: z.int(),
    destinationVersion: version,
    destinationSub: z.int(),
  }),
  "transaction.failed": transfer.extend({ status: z.literal("failed"), failureReason: z.string() }),
  "authorization.approved": decided.extend({ accountVersion: version, reason: z.null() }),
  "authorization.declined": decided.extend({
    /** Null: the person has no credit line. */
    accountId: z.uuid().nullable(),
    accountVersion: z.null(),
    reason: z.string(),
  }),
  "authorization.captured": purchase.extend({
    accountVersion: version,
    transferId: z.uuid(),
    capturedAmount: decimal,
    releasedAmount: decimal,
    /** After this capture; the first events said open. */
    status: z.preprocess(
      (status) => (status === "open" ? "approved" : status),
      z.enum(["approved", "captured"]),
    ),
    groupId: z.uuid().nullable(),
  }),
  "authorization.voided": released,
  "authorization.expired": released,
  "authorization.confirmed": purchase.extend({ capturedAmount: decimal }),
  "authorization.reversed": sagaEvent,
  "authorization.stuck": sagaEvent,
  "authorization.retried": sagaEvent,
  "authorization.compensating": sagaEvent,
  "authorization.resolved": sagaEvent,
} as const;

export type LedgerSubject = keyof typeof ledgerEvents;
