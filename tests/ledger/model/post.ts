import {
  type Expected,
  type Model,
  type ModelAccount,
  type ModelTransfer,
  availableOf,
  decimalOf,
  keyOf,
  minorOf,
  settleOverlimit,
} from "./model.ts";
import type { Prediction } from "./prediction.ts";
import { answerStored } from "./stored-answer.ts";
import { type Refusal, refuse } from "./statuses.ts";
import type { Mode, Order } from "./transfer-order.ts";

const LARGEST = 100_000_000_000_000_000n;

/** A batch in the making: accounts as copies, until it is clear that anything is written. */
type Draft = {
  readonly model: Model;
  readonly accounts: Map<string, ModelAccount>;
  readonly outcomes: { readonly order: Order; readonly transfer: Omit<ModelTransfer, "revertedBy"> }[];
  readonly reverted: Set<string>;
};

/**
 * What a batch of transfers must be answered and do. Keys and references differ within it. `singly`: each is committed
 * before the next one is asked for.
 */
export const predictPost = (
  model: Model,
  orders: readonly Order[],
  mode: Mode,
  { singly = false } = {},
): Prediction => {
  const draft: Draft = { model, accounts: new Map(), outcomes: [], reverted: new Set() };
  const expected = orders.map((order) => {
    const answer =
      answerBefore(model, order, mode, singly ? draft.reverted : undefined) ?? decide(draft, order, mode);
    // A batch looks at the use above a lowered limit once, in the end.
    if (singly) draft.accounts.forEach(settleOverlimit);
    return answer;
  });
  const refused = expected.some(({ status }) => status >= 400);
  const written = mode !== "dry" && !(mode === "atomic" && refused);
  return { expected, written, commit: () => written && commit(draft) };
};

// A batch looks its references up before it reverts anything; one by one, each sees what the one before has reverted.
const answerBefore = (
  model: Model,
  order: Order,
  mode: Mode,
  reverted: ReadonlySet<string> = new Set(),
): Expected | undefined => {
  if (mode === "retry") return undefined;
  const stored = mode === "dry" ? undefined : answerStored(model, order);
  if (stored) return stored;
  if (order.reference === null) return undefined;
  const id = model.references.get(keyOf(order.scope, order.type, order.reference));
  const transfer = id && model.transfers.get(id);
  if (!transfer) return undefined;
  const { exponent } = model.accounts.get(transfer.source)!;
  const same =
    transfer.source === order.source &&
    transfer.destination === order.destination &&
    transfer.minor === minorOf(order.amount, exponent);
  if (!same) return refuse("reference_reused");
  const status = reverted.has(transfer.id) ? "rollback" : transfer.status;
  return { status: 200, replayed: true, members: { id: transfer.id, status } };
};

const decide = (draft: Draft, order: Order, mode: Mode): Expected => {
  if (order.source === order.destination) return refuse("validation_failed");
  const source = accountOf(draft, order.source);
  const destination = accountOf(draft, order.destination);
  const refusal = refuseParties(order, source, destination);
  if (refusal) return refuse(refusal);
  const from = source!;
  const to = destination!;
  const minor = minorOf(order.amount, from.exponent);
  if (minor === undefined || minor <= 0n || minor > LARGEST) return refuse("validation_failed");
  const unrevertible = order.reverts === null ? undefined : refuseRevert(draft, order.reverts);
  if (unrevertible) return refuse(unrevertible);

  const keep = (status: ModelTransfer["status"], failure: Refusal | null): void =>
    void draft.outcomes.push({ order, transfer: { ...order, minor, hold: null, status, failure } });
  const accepted = (status: number, state: string): Expected => ({
    status: mode === "dry" ? 200 : status,
    replayed: false,
    members: {
      status: state,
      amount: decimalOf(minor, from.exponent),
      currency: from.currency,
      id: order.id,
    },
  });
  if (mode === "retry" && order.waits && from.status === "frozen" && to.status !== "closed") {
    keep("pending", null);
    return accepted(202, "pending");
  }
  if (from.status !== "open" || to.status === "closed") {
    keep("failed", "account_not_open");
    return refuse("account_not_open");
  }
  if (order.later) {
    keep("pending", null);
    return accepted(202, "pending");
  }
  const available = availableOf(from);
  if (available !== undefined && available < minor) {
    if (order.waits) keep("pending", null);
    else keep("failed", "insufficient_funds");
    if (order.waits) return accepted(202, "pending");
    const left = available > 0n ? available : 0n;
    return refuse("insufficient_funds", { available: decimalOf(left, from.exponent) });
  }
  from.debits += minor;
  to.credits += minor;
  if (order.reverts !== null) draft.reverted.add(order.reverts);
  keep("complete", null);
  return accepted(201, "complete");
};

const refuseParties = (
  { owner, currency }: Order,
  source: ModelAccount | undefined,
  destination: ModelAccount | undefined,
): Refusal | undefined => {
  if (!source || (owner !== null && source.owner !== owner)) return "account_not_found";
  if (!destination) return "account_not_found";
  if (owner !== null && source.kind !== "wallet") return "forbidden";
  if (owner !== null && destination.kind !== "wallet" && destination.owner !== owner)
    return "account_not_found";
  if (source.currency !== destination.currency) return "currency_mismatch";
  return currency !== null && currency !== source.currency ? "currency_mismatch" : undefined;
};

const refuseRevert = ({ model, reverted }: Draft, id: string): Refusal | undefined => {
  const transfer = model.transfers.get(id);
  if (!transfer) return "transfer_not_found";
  if (transfer.status === "rollback" || reverted.has(id)) return "transfer_already_reverted";
  return transfer.status === "complete" ? undefined : "transfer_not_complete";
};

const accountOf = ({ model, accounts }: Draft, id: string): ModelAccount | undefined => {
  const account = accounts.get(id) ?? model.accounts.get(id);
  if (!account) return undefined;
  const copy = accounts.get(id) ?? { ...account };
  accounts.set(id, copy);
  return copy;
};

const commit = ({ model, accounts, outcomes }: Draft): void => {
  for (const account of accounts.values()) {
    settleOverlimit(account);
    model.accounts.set(account.id, account);
  }
  for (const { order, transfer } of outcomes) {
    const before = model.transfers.get(order.id);
    // Another attempt of one that waited.
    if (before) Object.assign(before, { status: transfer.status, failure: transfer.failure });
    else model.transfers.set(order.id, { ...transfer, revertedBy: null });
    noteReference(model, order, transfer.status);
    if (order.reverts !== null && transfer.status === "complete")
      Object.assign(model.transfers.get(order.reverts)!, { status: "rollback", revertedBy: order.id });
  }
};

const noteReference = (model: Model, order: Order, status: ModelTransfer["status"]): void => {
  if (order.reference === null) return;
  const key = keyOf(order.scope, order.type, order.reference);
  if (status !== "failed") model.references.set(key, order.id);
  // What failed has moved nothing: its reference is free again.
  else if (model.references.get(key) === order.id) model.references.delete(key);
};
