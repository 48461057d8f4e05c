import { plainArray, textArray } from "../../platform/database/array-literal.ts";
import type { Tracing } from "../../platform/observability/trace-ids.ts";

/** A transfer as it is asked for. Amounts are decimals in the currency's major unit, checked for shape alone. */
export type TransferOrder = {
  id: string;
  source: string;
  destination: string;
  amount: string;
  type: string;
  /** Whose keys and references these are. */
  scope: string;
  key?: string | undefined;
  /** SHA-256 of method, path and body, in hex. */
  hash?: string | undefined;
  requestId: string;
  /** The request's path, for problem documents. */
  instance: string;
  /** What its events carry along; those of a batch carry what came with the batch. */
  headers?: Tracing | undefined;
  /** A user who pays only from wallets of their own; left out for operators and services. */
  owner?: string | undefined;
  /** Refused unless it is the accounts'. */
  currency?: string | undefined;
  reference?: string | undefined;
  description?: string | undefined;
  effectiveAt?: string | undefined;
  waitForFunds?: boolean | undefined;
  executeAt?: string | undefined;
};

/** The orders' columns as array literals, and the accounts that they name, each once, in the order of their locks. */
export const toColumns = (orders: readonly TransferOrder[]) => {
  // Lower-case ids sort as texts as they do as UUIDs: in the order in which the database locks them.
  const accounts = [
    ...new Set(orders.flatMap(({ source, destination }) => [source, destination])),
  ].toSorted();
  const places = new Map(accounts.map((id, index) => [id, index + 1]));
  const placesOf = (side: "source" | "destination") =>
    plainArray(orders.map((order) => places.get(order[side])!));
  return {
    accounts: plainArray(accounts),
    ids: plainArray(orders.map(({ id }) => id)),
    sources: placesOf("source"),
    destinations: placesOf("destination"),
    amounts: plainArray(orders.map(({ amount }) => amount)),
    types: textArray(orders.map(({ type }) => type)),
    scopes: textArray(orders.map(({ scope }) => scope)),
    keys: optional(orders, ({ key }) => key),
    hashes: optional(orders, ({ hash }) => hash && `\\x${hash}`),
    requestIds: textArray(orders.map(({ requestId }) => requestId)),
    instances: textArray(orders.map(({ instance }) => instance)),
    owners: optional(orders, ({ owner }) => owner),
    currencies: optional(orders, ({ currency }) => currency),
    references: optional(orders, ({ reference }) => reference),
    descriptions: optional(orders, ({ description }) => description),
    effective: optional(orders, ({ effectiveAt }) => effectiveAt),
    waits: optional(orders, ({ waitForFunds }) => (waitForFunds ? "t" : undefined)),
    notBefore: optional(orders, ({ executeAt }) => executeAt),
    headers: optional(orders, ({ headers }) => headers && JSON.stringify(headers)),
  };
};

// Null stands for a column in which nobody has anything.
const optional = (
  orders: readonly TransferOrder[],
  read: (order: TransferOrder) => string | undefined,
): string | null => {
  const values = orders.map((order) => read(order) ?? null);
  return values.some((value) => value !== null) ? textArray(values) : null;
};
