/** What the ledger ought to hold, kept in plain maps beside the database. */
export type Model = {
  readonly accounts: Map<string, ModelAccount>;
  readonly transfers: Map<string, ModelTransfer>;
  /** The transfer that a reference belongs to, by scope, type and reference. */
  readonly references: Map<string, string>;
  readonly holds: Map<string, ModelHold>;
  readonly declines: Map<string, ModelDecline>;
  /** The hold or decline that a reference belongs to, by scope and reference. */
  readonly decisions: Map<string, string>;
  /** What was answered under a key, by scope and key. */
  readonly answers: Map<string, StoredAnswer>;
};

export type ModelAccount = {
  readonly id: string;
  readonly kind: "wallet" | "credit_line" | "bank" | "system";
  readonly currency: string;
  readonly exponent: number;
  readonly owner: string | null;
  readonly subBalances: number;
  /** By which the house's settlement account in a currency is found. */
  readonly externalId: string | null;
  status: "open" | "frozen" | "closed";
  /** Minor units, like all that follow; null is none. */
  limit: bigint | null;
  /** What of its use lay above the limit when that was lowered. */
  overlimit: bigint;
  debits: bigint;
  credits: bigint;
  held: bigint;
};

export type ModelTransfer = {
  readonly id: string;
  readonly type: string;
  readonly source: string;
  readonly destination: string;
  readonly minor: bigint;
  readonly scope: string;
  readonly reference: string | null;
  readonly reverts: string | null;
  /** The hold that it captures. */
  readonly hold: string | null;
  status: "pending" | "complete" | "failed" | "rollback";
  failure: string | null;
  revertedBy: string | null;
};

export type ModelHold = {
  readonly id: string;
  readonly account: string;
  readonly owner: string;
  readonly scope: string;
  readonly group: string | null;
  readonly amount: bigint;
  captured: bigint;
  voided: bigint;
  expired: bigint;
  status: "open" | "captured" | "voided" | "expired";
  /** Beyond its time, whether or not it has been expired. */
  due: boolean;
};

export type ModelDecline = {
  readonly id: string;
  readonly owner: string;
  readonly scope: string;
  readonly amount: string;
  readonly currency: string;
  readonly reason: string;
};

export type StoredAnswer = { readonly hash: string; readonly status: number; readonly body: string };

/** What an operation must be answered. */
export type Expected = {
  readonly status: number;
  /** Of a problem. */
  readonly code?: string;
  /** The whole body, where it was answered before. */
  readonly body?: string;
  readonly replayed: boolean;
  /** Members that the body must have, among others; of members, `a.b`. */
  readonly members?: Readonly<Record<string, string>>;
};

export const createModel = (): Model => ({
  accounts: new Map(),
  transfers: new Map(),
  references: new Map(),
  holds: new Map(),
  declines: new Map(),
  decisions: new Map(),
  answers: new Map(),
});

export const keyOf = (...parts: readonly string[]): string => JSON.stringify(parts);

export const openOf = ({ amount, captured, voided, expired }: ModelHold): bigint =>
  amount - captured - voided - expired;

/** What an account may still give; undefined where nothing bounds it. */
export const availableOf = ({ limit, credits, debits, held }: ModelAccount): bigint | undefined =>
  limit === null ? undefined : limit + credits - debits - held;

const greatest = (a: bigint, b: bigint): bigint => (a > b ? a : b);
const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/** What was in use above a lowered limit falls as the use does, and never rises. */
export const settleOverlimit = (account: ModelAccount): void => {
  const above = -(availableOf(account) ?? 0n);
  account.overlimit = least(account.overlimit, greatest(above, 0n));
};

/** Minor units as a decimal: 1250n with 2 places is "12.50". */
export const decimalOf = (minor: bigint, exponent: number): string => {
  const digits = minor.toString().padStart(exponent + 1, "0");
  return exponent === 0 ? digits : `${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
};

/** Scales a decimal by its digits; undefined when it has more places than the currency. */
export const minorOf = (decimal: string, exponent: number): bigint | undefined => {
  const { sign, whole, places } = /^(?<sign>-?)(?<whole>\d+)(?:\.(?<places>\d+))?$/.exec(decimal)!.groups!;
  const significant = (places ?? "").replace(/0+$/, "");
  if (significant.length > exponent) return undefined;
  return BigInt(`${sign}${whole}${significant.padEnd(exponent, "0")}`);
};
