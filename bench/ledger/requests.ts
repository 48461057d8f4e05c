import type { RequestText } from "../load/protocol.ts";
import { STAMP } from "../load/stamper.ts";
import { accountId } from "./scripts.ts";

const POOL = 5_000;

/** Single transfers between `wallets` accounts, each with a key that no other request has: stamps count within a pool. */
export const transferRequests = (
  pool: string,
  wallets: number,
  headers: Record<string, string>,
): RequestText[] =>
  Array.from({ length: POOL }, (_, n) => ({
    method: "POST",
    path: "/v1/transfers",
    headers: { ...json, ...headers, "idempotency-key": `${pool} ${STAMP}` },
    body: JSON.stringify(transfer(n, wallets)),
  }));

export const BULK_REQUEST = 100;

/** A hundred transfers a request, each by itself. */
export const bulkTransferRequests = (wallets: number, headers: Record<string, string>): RequestText[] =>
  Array.from({ length: 200 }, (_, n) => ({
    method: "POST",
    path: "/v1/transfers/bulk",
    headers: { ...json, ...headers, "idempotency-key": `bulk-${STAMP}` },
    body: JSON.stringify({
      mode: "continue",
      transfers: Array.from({ length: BULK_REQUEST }, (_item, k) => ({
        ...transfer(n * BULK_REQUEST + k, wallets),
        idempotencyKey: `item-${STAMP}`,
      })),
    }),
  }));

const json = { "content-type": "application/json" };

// Walks through the accounts with strides that have no common divisor with any of their numbers here.
const transfer = (n: number, wallets: number) => {
  const source = (n * 7_919) % wallets;
  const destination = (source + 1 + ((n * 104_729) % (wallets - 1))) % wallets;
  return {
    sourceAccountId: accountId(source + 1),
    destinationAccountId: accountId(destination + 1),
    amount: "0.01",
  };
};
