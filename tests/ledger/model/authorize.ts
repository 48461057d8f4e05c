import {
  type Expected,
  type Model,
  type ModelAccount,
  availableOf,
  decimalOf,
  keyOf,
  minorOf,
} from "./model.ts";
import type { Prediction } from "./prediction.ts";
import { refuse } from "./statuses.ts";
import { answerStored } from "./stored-answer.ts";

export type Purchase = {
  readonly id: string;
  readonly owner: string;
  readonly amount: string;
  readonly currency: string;
  readonly scope: string;
  readonly key: string | null;
  readonly hash: string | null;
  readonly reference: string | null;
  readonly group: string | null;
};

/** Null is no such rule. All that was ever placed on a line counts as lately. */
export type Rules = {
  readonly maxAmount: string | null;
  readonly count: number | null;
  readonly amount: string | null;
};

const LARGEST = 1_000_000_000_000_000n;
// Decimals of up to four places, compared by their digits.
const PLACES = 4;
const exact = (decimal: string): bigint => minorOf(decimal, PLACES)!;

/** What purchases must be answered and do, in their order. */
export const predictAuthorize = (model: Model, purchases: readonly Purchase[], rules: Rules): Prediction => {
  const commits: (() => void)[] = [];
  // What this batch has reserved so far.
  const batch = new Map<string, { held: bigint; count: number }>();
  const expected = purchases.map((purchase): Expected => {
    const before = answerStored(model, purchase) ?? decidedBefore(model, purchase);
    if (before) return before;
    const line = findLine(model, purchase);
    const minor = line && minorOf(purchase.amount, line.exponent);
    if (line && (minor === undefined || minor <= 0n || minor > LARGEST)) return refuse("validation_failed");
    if (!line && exact(purchase.amount) <= 0n) return refuse("validation_failed");
    const so = (line && batch.get(line.id)) ?? { held: 0n, count: 0 };
    const reason = line ? declineReason(model, purchase, line, minor!, so, rules) : "no_credit_line";
    if (reason !== undefined) {
      commits.push(() => decline(model, purchase, reason));
      return { status: 201, replayed: false, members: { id: purchase.id, status: "declined", reason } };
    }
    batch.set(line!.id, { held: so.held + minor!, count: so.count + 1 });
    commits.push(() => approve(model, purchase, line!.id, minor!));
    const amount = decimalOf(minor!, line!.exponent);
    return {
      status: 201,
      replayed: false,
      members: { id: purchase.id, status: "approved", amount, openAmount: amount, accountId: line!.id },
    };
  });
  return { expected, written: true, commit: () => commits.forEach((commit) => commit()) };
};

const decidedBefore = (model: Model, purchase: Purchase): Expected | undefined => {
  const { reference, scope } = purchase;
  const id = reference === null ? undefined : model.decisions.get(keyOf(scope, reference));
  if (id === undefined) return undefined;
  const declined = model.declines.get(id);
  const hold = model.holds.get(id);
  const account = hold && model.accounts.get(hold.account)!;
  const before = declined ?? {
    owner: hold!.owner,
    currency: account!.currency,
    amount: decimalOf(hold!.amount, account!.exponent),
  };
  const same =
    before.owner === purchase.owner &&
    before.currency === purchase.currency &&
    exact(before.amount) === exact(purchase.amount);
  if (!same) return refuse("reference_reused");
  const status = declined ? "declined" : hold!.status === "open" ? "approved" : hold!.status;
  return { status: 200, replayed: true, members: { id, status } };
};

const findLine = (model: Model, { owner, currency }: Purchase): ModelAccount | undefined =>
  [...model.accounts.values()].find(
    (account) =>
      account.kind === "credit_line" &&
      account.owner === owner &&
      account.currency === currency &&
      account.status !== "closed",
  );

const declineReason = (
  model: Model,
  { amount }: Purchase,
  line: ModelAccount,
  minor: bigint,
  batch: { held: bigint; count: number },
  rules: Rules,
): string | undefined => {
  if (line.status !== "open") return "account_frozen";
  if (rules.maxAmount !== null && exact(amount) > exact(rules.maxAmount)) return "amount_too_high";
  const placed = [...model.holds.values()].filter(({ account }) => account === line.id);
  const count = placed.length + batch.count;
  const spent = placed.reduce((sum, hold) => sum + hold.amount, batch.held);
  if (rules.count !== null && count + 1 > rules.count) return "velocity_exceeded";
  if (rules.amount !== null && exact(decimalOf(spent + minor, line.exponent)) > exact(rules.amount))
    return "velocity_exceeded";
  return availableOf(line)! - batch.held < minor ? "insufficient_credit" : undefined;
};

const approve = (model: Model, purchase: Purchase, account: string, amount: bigint): void => {
  const { id, owner, scope, group, reference } = purchase;
  const parts = { captured: 0n, voided: 0n, expired: 0n };
  model.holds.set(id, { id, account, owner, scope, group, amount, ...parts, status: "open", due: false });
  model.accounts.get(account)!.held += amount;
  if (reference !== null) model.decisions.set(keyOf(scope, reference), id);
};

const decline = (model: Model, purchase: Purchase, reason: string): void => {
  const { id, owner, amount, currency, scope, reference } = purchase;
  model.declines.set(id, { id, owner, scope, amount, currency, reason });
  if (reference !== null) model.decisions.set(keyOf(scope, reference), id);
};
