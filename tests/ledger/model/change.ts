import type { Model } from "./model.ts";
import { type Refusal, refuse } from "./statuses.ts";
import { minorOf } from "./model.ts";
import type { Prediction } from "./prediction.ts";

export type Change = {
  readonly account: string;
  /** A decimal. */
  readonly limit: string | null;
  readonly status: "open" | "frozen" | "closed" | null;
  /** Which version the caller has seen; any: it changes the account whatever it has become. */
  readonly seen: "present" | "past" | "any";
};

/** What a change of an account's limit or status must be answered and do. */
export const predictChange = (model: Model, change: Change): Prediction => {
  const account = model.accounts.get(change.account);
  const limit =
    account && change.limit !== null ? minorOf(change.limit, account.exponent) : (account?.limit ?? null);
  const refusal = refusalOf(model, change, limit);
  if (refusal || !account || limit === undefined)
    return { expected: [refuse(refusal!)], written: false, commit: () => {} };
  const inUse = account.debits + account.held - account.credits;
  return {
    expected: [{ status: 200, replayed: false }],
    written: true,
    commit: () =>
      Object.assign(account, {
        limit,
        status: change.status ?? account.status,
        overlimit: limit !== null && inUse > limit ? inUse - limit : 0n,
      }),
  };
};

const refusalOf = (
  model: Model,
  { account: id, limit: wanted, status, seen }: Change,
  limit: bigint | null | undefined,
): Refusal | undefined => {
  const account = model.accounts.get(id);
  if (!account) return "account_not_found";
  if (seen === "past") return "version_mismatch";
  if (account.status === "closed") return "account_not_open";
  if (wanted !== null && account.kind !== "credit_line") return "validation_failed";
  if (limit === undefined) return "validation_failed";
  if (status === "closed" && account.externalId !== null) return "account_needed";
  const used = account.debits !== account.credits || account.held > 0n;
  return status === "closed" && used ? "account_in_use" : undefined;
};
