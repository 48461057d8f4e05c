import { createHash } from "node:crypto";
import { type Random, chance } from "../../../simulator/domain/random.ts";
import { type Model, type ModelAccount, availableOf, decimalOf, keyOf } from "../model/model.ts";
import type { Order } from "../model/transfer-order.ts";
import { below, idFrom, pick } from "./draw.ts";

/** A batch of transfers such as clients send: mostly good, some wrong in each way there is, some sent again. */
export const drawOrders = (
  random: Random,
  model: Model,
  history: { readonly orders: Order[] },
  size: number,
): Order[] => {
  const orders: Order[] = [];
  const claimed = new Set<string>();
  while (orders.length < size) {
    const order = drawOrder(random, model, history);
    const claims = claimsOf(order);
    // No two of a batch meet: who gathers them sees to that.
    if (claims.some((claim) => claimed.has(claim))) continue;
    for (const claim of claims) claimed.add(claim);
    orders.push(order);
  }
  history.orders.push(...orders);
  return orders;
};

const claimsOf = ({ scope, type, key, reference }: Order): string[] => [
  ...(key === null ? [] : [keyOf(scope, key)]),
  ...(reference === null ? [] : [keyOf(scope, type, "reference", reference)]),
];

const drawOrder = (
  random: Random,
  model: Model,
  { orders }: { readonly orders: readonly Order[] },
): Order => {
  const id = idFrom(random);
  if (orders.length > 0 && chance(random, 0.12)) {
    const before = pick(random, orders);
    // By its reference alone, or by its key.
    if (chance(random, 0.3)) return withHash({ ...before, id, key: null });
    if (chance(random, 0.6)) return { ...before, id };
    // Another request under a key or a reference of old.
    return withHash({
      ...drawNew(random, model, id),
      scope: before.scope,
      type: before.type,
      key: before.key,
      reference: before.reference,
    });
  }
  return drawNew(random, model, id);
};

const drawNew = (random: Random, model: Model, id: string): Order => {
  const reverts = chance(random, 0.08) ? drawReverted(random, model) : undefined;
  const accounts = [...model.accounts.values()];
  const source = pick(random, accounts);
  const destination = drawDestination(random, accounts, source);
  const byUser = reverts === undefined && chance(random, 0.3);
  const owner = byUser ? (chance(random, 0.8) ? source.owner : pick(random, accounts).owner) : null;
  return withHash({
    id,
    source: chance(random, 0.01) ? idFrom(random) : source.id,
    destination: chance(random, 0.01) ? idFrom(random) : destination.id,
    amount: drawAmount(random, source),
    type: "transfer",
    scope: owner === null ? "platform" : `user:${owner}`,
    key: chance(random, 0.6) ? `key-${id}` : null,
    hash: null,
    owner,
    currency: chance(random, 0.2) ? (chance(random, 0.8) ? source.currency : "EUR") : null,
    reference: chance(random, 0.4) ? `reference-${id}` : null,
    reverts: null,
    waits: chance(random, 0.05),
    later: chance(random, 0.02),
    ...reverts,
  });
};

// A revert comes with its transfer's accounts the other way round, and the same amount.
const drawReverted = (random: Random, model: Model): Partial<Order> => {
  const transfers = [...model.transfers.values()];
  const transfer = transfers.length > 0 && chance(random, 0.97) ? pick(random, transfers) : undefined;
  if (!transfer) return { reverts: idFrom(random) };
  const { exponent } = model.accounts.get(transfer.source)!;
  return {
    reverts: transfer.id,
    type: "revert",
    source: transfer.destination,
    destination: transfer.source,
    amount: decimalOf(transfer.minor, exponent),
    currency: null,
    waits: false,
    later: false,
  };
};

const drawDestination = (
  random: Random,
  accounts: readonly ModelAccount[],
  source: ModelAccount,
): ModelAccount => {
  if (chance(random, 0.01)) return source;
  const sameCurrency = !chance(random, 0.04);
  return pick(
    random,
    accounts.filter(
      ({ id, currency }) => id !== source.id && (!sameCurrency || currency === source.currency),
    ),
  );
};

const drawAmount = (random: Random, source: ModelAccount): string => {
  const { exponent, kind } = source;
  const kindOf = random();
  if (kindOf < 0.01) return "0";
  if (kindOf < 0.02) return `1.${"0".repeat(exponent)}1`;
  if (kindOf < 0.03) return `${below(random, 100)}.${"5".repeat(exponent + 1)}`;
  if (kindOf < 0.035) return "1000000000000001";
  // All that there is, to the last unit, or one more.
  const available = availableOf(source) ?? 0n;
  if (kindOf < 0.06 && available > 0n)
    return decimalOf(available + (chance(random, 0.5) ? 1n : 0n), exponent);
  // The bank gives more than wallets spend, so that some can pay and some cannot.
  const most = kind === "bank" ? 40_000 : 9_000;
  const minor = BigInt(1 + below(random, most));
  return chance(random, 0.1)
    ? `${decimalOf(minor, exponent)}${exponent > 0 ? "000" : ""}`
    : decimalOf(minor, exponent);
};

// Like the service's: of what the caller sent, so without the id that the service gives.
const withHash = (order: Order): Order => {
  const { id: _id, hash: _hash, ...sent } = order;
  return {
    ...order,
    hash: order.key === null ? null : createHash("sha256").update(JSON.stringify(sent)).digest("hex"),
  };
};
