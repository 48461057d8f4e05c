import { createHash } from "node:crypto";
import { type Random, chance } from "../../../simulator/domain/random.ts";
import type { Purchase, Rules } from "../model/authorize.ts";
import { type Model, type ModelAccount, availableOf, decimalOf } from "../model/model.ts";
import { below, idFrom, pick } from "./draw.ts";

/** A batch of purchases: mostly within the line, some beyond it, some sent again. */
export const drawPurchases = (
  random: Random,
  model: Model,
  history: Purchase[],
  size: number,
): Purchase[] => {
  const purchases: Purchase[] = [];
  const claimed = new Set<string>();
  while (purchases.length < size) {
    const purchase = drawPurchase(random, model, history);
    const claims = [purchase.key, purchase.reference].flatMap((name) =>
      name === null ? [] : [`${purchase.scope} ${name}`],
    );
    if (claims.some((claim) => claimed.has(claim))) continue;
    for (const claim of claims) claimed.add(claim);
    purchases.push(purchase);
  }
  history.push(...purchases);
  return purchases;
};

/** Bounds that some of the next purchases meet exactly. */
export const drawRules = (random: Random, model: Model): Rules => {
  const lines = [...model.accounts.values()].filter(({ kind }) => kind === "credit_line");
  const line = pick(random, lines);
  const placed = [...model.holds.values()].filter(({ account }) => account === line.id);
  const spent = placed.reduce((sum, { amount }) => sum + amount, 0n);
  return {
    maxAmount: chance(random, 0.15) ? decimalOf(BigInt(500 + below(random, 1_500)), line.exponent) : null,
    count: chance(random, 0.1) ? placed.length + below(random, 3) : null,
    amount: chance(random, 0.1) ? decimalOf(spent + BigInt(below(random, 2_000)), line.exponent) : null,
  };
};

const drawPurchase = (random: Random, model: Model, history: readonly Purchase[]): Purchase => {
  const id = idFrom(random);
  const again = history.length > 0 && chance(random, 0.1) ? pick(random, history) : undefined;
  // By its reference alone, by its key, or something else under either.
  if (again && chance(random, 0.3)) return withHash({ ...again, id, key: null });
  if (again && chance(random, 0.6)) return { ...again, id };
  const fresh = drawNew(random, model, id);
  if (!again) return withHash(fresh);
  return withHash({ ...fresh, scope: again.scope, key: again.key, reference: again.reference });
};

const drawNew = (random: Random, model: Model, id: string): Purchase => {
  const accounts = [...model.accounts.values()];
  const owned = accounts.filter(
    ({ kind, owner }) => owner !== null && kind === (chance(random, 0.9) ? "credit_line" : "wallet"),
  );
  const line = pick(random, owned);
  const { owner, currency } = line;
  return {
    id,
    owner: owner!,
    currency,
    amount: drawAmount(random, line),
    scope: chance(random, 0.8) ? `user:${owner}` : "platform",
    key: chance(random, 0.5) ? `buy-${id}` : null,
    hash: null,
    reference: chance(random, 0.4) ? `order-${id}` : null,
    group: chance(random, 0.1) ? pick(random, GROUPS) : null,
  };
};

const drawAmount = (random: Random, line: ModelAccount): string => {
  const { exponent } = line;
  const available = availableOf(line)!;
  const way = random();
  // Seldom nothing, more places than the currency has, all that the line has left, or a unit more.
  if (way < 0.005) return decimalOf(0n, exponent);
  if (way < 0.02) return `1.${"0".repeat(exponent)}1`;
  if (way < 0.05 && available > 0n) return decimalOf(available + (chance(random, 0.5) ? 1n : 0n), exponent);
  return decimalOf(BigInt(1 + below(random, chance(random, 0.9) ? 2_000 : 20_000)), exponent);
};

const GROUPS = Array.from(
  { length: 40 },
  (_, index) => `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`,
);

const withHash = (purchase: Purchase): Purchase => {
  const { id: _id, hash: _hash, ...sent } = purchase;
  const hash = createHash("sha256").update(JSON.stringify(sent)).digest("hex");
  return { ...purchase, hash: purchase.key === null ? null : hash };
};
