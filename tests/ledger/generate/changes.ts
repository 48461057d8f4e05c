import { type Random, chance, pickWeighted } from "../../../simulator/domain/random.ts";
import type { Change } from "../model/change.ts";
import { type Model, type ModelAccount, decimalOf } from "../model/model.ts";
import { below, pick } from "./draw.ts";

/** An account to be changed: a credit line above all, for its limit. */
export const drawChanged = (random: Random, model: Model): ModelAccount => {
  const accounts = [...model.accounts.values()];
  return pick(random, chance(random, 0.6) ? accounts.filter(({ kind }) => kind === "credit_line") : accounts);
};

export const drawChange = (random: Random, account: ModelAccount): Change => {
  const limited = account.kind === "credit_line" || chance(random, 0.05);
  // Closed is for good, so it is seldom.
  const status = chance(random, 0.08) ? "closed" : pick(random, STATUSES);
  return {
    account: chance(random, 0.02) ? account.id.replace(/^..../, "0000") : account.id,
    limit: limited && chance(random, 0.7) ? drawLimit(random, account) : null,
    status,
    seen: pickWeighted(random, SEEN).version,
  };
};

const SEEN = [
  { weight: 90, version: "present" },
  { weight: 5, version: "past" },
  { weight: 5, version: "any" },
] as const;

const STATUSES = ["frozen", "open", "open", "open", null] as const;

const drawLimit = (random: Random, { exponent, debits, held, credits }: ModelAccount): string => {
  const inUse = debits + held - credits;
  if (chance(random, 0.03)) return `5.${"0".repeat(exponent)}1`;
  // What is in use, a unit less or more, or some of it.
  if (chance(random, 0.4) && inUse > 0n) return decimalOf(inUse - 1n + BigInt(below(random, 3)), exponent);
  if (chance(random, 0.3) && inUse > 0n) return decimalOf(BigInt(below(random, Number(inUse))), exponent);
  return decimalOf(BigInt(below(random, 20_000)), exponent);
};
