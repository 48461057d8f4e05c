import {
  type Expected,
  type Model,
  type ModelAccount,
  type ModelHold,
  decimalOf,
  keyOf,
  minorOf,
  openOf,
  settleOverlimit,
} from "./model.ts";
import type { Prediction } from "./prediction.ts";
import { type Refusal, refuse } from "./statuses.ts";
import { answerStored } from "./stored-answer.ts";

export type Settlement = {
  /** Of the transfer that a capture makes. */
  readonly id: string;
  readonly hold: string;
  readonly scope: string;
  readonly key: string | null;
  readonly hash: string | null;
  /** Null is all that is open. */
  readonly amount: string | null;
  readonly final: boolean;
  /** Null: the house's settlement account. */
  readonly destination: string | null;
  readonly reference: string | null;
};

type Draft = {
  readonly model: Model;
  readonly accounts: Map<string, ModelAccount>;
  readonly holds: Map<string, ModelHold>;
  readonly commits: (() => void)[];
};

/** What captures must be answered and do, in their order; all or nothing when atomic. */
export const predictCapture = (
  model: Model,
  captures: readonly Settlement[],
  atomic: boolean,
): Prediction => {
  const draft: Draft = { model, accounts: new Map(), holds: new Map(), commits: [] };
  const refusedHere = new Set<Expected>();
  const expected = captures.map((capture) => {
    const before = answerStored(model, capture) ?? capturedBefore(model, capture);
    if (before) return before;
    const answer = captureOne(draft, capture);
    if (answer.status >= 400) refusedHere.add(answer);
    return answer;
  });
  // What was answered before does not count.
  const written = !(atomic && refusedHere.size > 0);
  return { expected, written, commit: () => written && commit(draft) };
};

/** What voids must be answered and do, in their order; all or nothing when atomic. */
export const predictVoid = (model: Model, voids: readonly Settlement[], atomic: boolean): Prediction => {
  const draft: Draft = { model, accounts: new Map(), holds: new Map(), commits: [] };
  let refused = false;
  const expected = voids.map((order): Expected => {
    const before = answerStored(model, order);
    if (before) return before;
    const hold = findHold(draft, order);
    const code = hold && refusalOf(hold);
    if (code !== undefined || !hold) {
      refused = true;
      return code === undefined ? refuseUnheld(model, order) : refuse(code);
    }
    close(draft, hold, "voided");
    return { status: 200, replayed: false, members: { id: hold.id, status: "voided" } };
  });
  const written = !(atomic && refused);
  // What was not done in the end is not shown either: only the refusals are.
  const shown = written ? expected : expected.map(withoutMembers);
  return { expected: shown, written, commit: () => written && commit(draft) };
};

const withoutMembers = ({ status, code, replayed }: Expected): Expected => ({
  status,
  replayed,
  ...(code !== undefined && { code }),
});

/** Expires what is beyond its time; says how many. */
export const expireDue = (model: Model): number => {
  const draft: Draft = { model, accounts: new Map(), holds: new Map(), commits: [] };
  const due = [...model.holds.values()].filter((hold) => hold.status === "open" && hold.due);
  for (const { id } of due) close(draft, holdOf(draft, id)!, "expired");
  commit(draft);
  return due.length;
};

const captureOne = (draft: Draft, capture: Settlement): Expected => {
  const { model } = draft;
  const hold = findHold(draft, capture);
  if (!hold) return refuseUnheld(model, capture);
  const refusal = refusalOf(hold);
  if (refusal) return refuse(refusal, { authorizationId: hold.id });
  const line = accountOf(draft, hold.account)!;
  const house = [...model.accounts.values()].find(
    ({ externalId }) => externalId === `settlement:${line.currency}`,
  );
  const destination = accountOf(draft, capture.destination ?? house?.id ?? "");
  const notThere = refuseDestination(capture, line, destination);
  if (notThere) return refuse(notThere);
  const open = openOf(hold);
  const minor = capture.amount === null ? open : minorOf(capture.amount, line.exponent);
  if (minor === undefined || minor <= 0n) return refuse("validation_failed");
  if (minor > open) return refuse("capture_exceeds_hold", { openAmount: decimalOf(open, line.exponent) });

  const released = capture.final ? open - minor : 0n;
  hold.captured += minor;
  hold.voided += released;
  if (openOf(hold) === 0n) hold.status = "captured";
  line.debits += minor;
  line.held -= minor + released;
  destination!.credits += minor;
  draft.commits.push(() => noteTransfer(model, capture, line.id, destination!.id, minor));
  return {
    status: 201,
    replayed: false,
    members: {
      transferId: capture.id,
      amount: decimalOf(minor, line.exponent),
      currency: line.currency,
      ...shownHold(hold, line.exponent),
    },
  };
};

const capturedBefore = (model: Model, capture: Settlement): Expected | undefined => {
  const { reference, scope } = capture;
  const id = reference === null ? undefined : model.references.get(keyOf(scope, "capture", reference));
  const transfer = id === undefined ? undefined : model.transfers.get(id);
  if (!transfer) return undefined;
  const { exponent } = model.accounts.get(transfer.source)!;
  const hold = model.holds.get(transfer.hold!)!;
  // Whoever took all that was open, or released the rest, has left nothing open.
  const asks = capture.amount === null || capture.final;
  const same =
    transfer.hold === capture.hold &&
    (capture.amount === null || minorOf(capture.amount, exponent) === transfer.minor) &&
    !(asks && openOf(hold) > 0n) &&
    (capture.destination === null || capture.destination === transfer.destination);
  if (!same) return refuse("reference_reused");
  const members = { transferId: transfer.id, ...shownHold(hold, exponent) };
  return { status: 200, replayed: true, members };
};

const shownHold = (hold: ModelHold, exponent: number): Record<string, string> => ({
  "authorization.id": hold.id,
  "authorization.status": hold.status === "open" ? "approved" : hold.status,
  "authorization.capturedAmount": decimalOf(hold.captured, exponent),
  "authorization.releasedAmount": decimalOf(hold.voided + hold.expired, exponent),
  "authorization.openAmount": decimalOf(openOf(hold), exponent),
});

// What was declined says so to whoever may settle it.
const refuseUnheld = ({ declines }: Model, { hold: id, scope }: Settlement): Expected => {
  const declined = declines.get(id);
  return declined && (declined.scope === scope || scope === "platform")
    ? refuse("authorization_declined", { authorizationId: id, reason: declined.reason })
    : refuse("authorization_not_found");
};

const refusalOf = ({ status, due }: ModelHold): Refusal | undefined => {
  if (status === "captured") return "hold_already_captured";
  if (status === "voided") return "hold_voided";
  return status === "expired" || due ? "hold_expired" : undefined;
};

const refuseDestination = (
  { scope, destination: named }: Settlement,
  line: ModelAccount,
  destination: ModelAccount | undefined,
): Refusal | undefined => {
  if (!destination) return "account_not_found";
  const ofCaller = destination.kind === "wallet" && scope === `user:${destination.owner}`;
  if (scope.startsWith("user:") && named !== null && !ofCaller) return "account_not_found";
  if (destination.currency !== line.currency) return "currency_mismatch";
  if (destination.status === "closed") return "account_not_open";
  return destination.id === line.id ? "validation_failed" : undefined;
};

const close = (draft: Draft, hold: ModelHold, outcome: "voided" | "expired"): void => {
  const open = openOf(hold);
  hold[outcome] += open;
  hold.status = outcome;
  accountOf(draft, hold.account)!.held -= open;
};

const findHold = (draft: Draft, { hold, scope }: Settlement): ModelHold | undefined => {
  const found = draft.model.holds.get(hold);
  return found && (found.scope === scope || scope === "platform") ? holdOf(draft, hold) : undefined;
};

const holdOf = ({ model, holds }: Draft, id: string): ModelHold | undefined => copyOf(holds, model.holds, id);
const accountOf = ({ model, accounts }: Draft, id: string): ModelAccount | undefined =>
  copyOf(accounts, model.accounts, id);

const copyOf = <T extends object>(
  copies: Map<string, T>,
  originals: Map<string, T>,
  id: string,
): T | undefined => {
  const original = originals.get(id);
  if (!original) return undefined;
  const copy = copies.get(id) ?? { ...original };
  copies.set(id, copy);
  return copy;
};

const noteTransfer = (
  model: Model,
  { id, scope, reference, hold }: Settlement,
  source: string,
  destination: string,
  minor: bigint,
): void => {
  model.transfers.set(id, {
    id,
    type: "capture",
    source,
    destination,
    minor,
    scope,
    reference,
    hold,
    reverts: null,
    failure: null,
    revertedBy: null,
    status: "complete",
  });
  if (reference !== null) model.references.set(keyOf(scope, "capture", reference), id);
};

const commit = ({ model, accounts, holds, commits }: Draft): void => {
  for (const account of accounts.values()) {
    settleOverlimit(account);
    model.accounts.set(account.id, account);
  }
  for (const hold of holds.values()) model.holds.set(hold.id, hold);
  for (const note of commits) note();
};
