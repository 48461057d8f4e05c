/** A transfer as it is asked for. */
export type Order = {
  readonly id: string;
  readonly source: string;
  readonly destination: string;
  /** A decimal in the currency's unit. */
  readonly amount: string;
  readonly type: string;
  readonly scope: string;
  readonly key: string | null;
  /** Of what the caller sent, in hex. */
  readonly hash: string | null;
  /** The user who asks; null for operators and services. */
  readonly owner: string | null;
  readonly currency: string | null;
  readonly reference: string | null;
  readonly reverts: string | null;
  readonly waits: boolean;
  readonly later: boolean;
};

export type Mode = "each" | "atomic" | "dry" | "retry";
