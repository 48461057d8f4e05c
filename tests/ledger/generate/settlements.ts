import { createHash } from "node:crypto";
import { type Random, chance } from "../../../simulator/domain/random.ts";
import { type Model, type ModelHold, decimalOf, openOf } from "../model/model.ts";
import type { Settlement } from "../model/settle.ts";
import { below, idFrom, pick } from "./draw.ts";

/** Captures or voids of holds, open ones above all, some of one hold twice, some sent again. */
export const drawSettlements = (
  random: Random,
  model: Model,
  history: Settlement[],
  size: number,
): Settlement[] => {
  const holds = [...model.holds.values()];
  if (holds.length === 0) return [];
  const open = holds.filter(({ status }) => status === "open");
  const settlements: Settlement[] = [];
  const claimed = new Set<string>();
  while (settlements.length < size) {
    const settlement = drawOne(random, model, { holds, open }, history);
    const claims = [settlement.key, settlement.reference].flatMap((name) =>
      name === null ? [] : [`${settlement.scope} ${name}`],
    );
    if (claims.some((claim) => claimed.has(claim))) continue;
    for (const claim of claims) claimed.add(claim);
    settlements.push(settlement);
  }
  history.push(...settlements);
  return settlements;
};

/** Open holds that time passes over. */
export const drawDue = (random: Random, model: Model): string[] =>
  [...model.holds.values()]
    .filter(({ status, due }) => status === "open" && !due && chance(random, 0.1))
    .map(({ id }) => id);

type Holds = { readonly holds: readonly ModelHold[]; readonly open: readonly ModelHold[] };

const drawOne = (
  random: Random,
  model: Model,
  { holds, open }: Holds,
  history: readonly Settlement[],
): Settlement => {
  const id = idFrom(random);
  const again = history.length > 0 && chance(random, 0.08) ? pick(random, history) : undefined;
  // By its reference, alone or under a key of its own, by its key, or something else under either.
  if (again && chance(random, 0.3))
    return withHash({ ...again, id, key: chance(random, 0.5) ? `settle-${id}` : null });
  if (again && chance(random, 0.6)) return { ...again, id };
  const hold = open.length > 0 && chance(random, 0.85) ? pick(random, open) : pick(random, holds);
  const declines = [...model.declines.values()];
  const named = declines.length > 0 && chance(random, 0.03) ? pick(random, declines) : hold;
  // Operators, nobody, and people with holds of their own.
  const strangers = ["platform", `user:${idFrom(random)}`, pick(random, holds).scope];
  const fresh: Settlement = {
    id,
    hold: chance(random, 0.03) ? idFrom(random) : named.id,
    scope: chance(random, 0.88) ? named.scope : pick(random, strangers),
    key: chance(random, 0.5) ? `settle-${id}` : null,
    hash: null,
    amount: drawAmount(random, model, hold),
    final: chance(random, 0.4),
    destination: chance(random, 0.25) ? pick(random, [...model.accounts.keys()]) : null,
    reference: chance(random, 0.3) ? `capture-${id}` : null,
  };
  return withHash(
    again ? { ...fresh, scope: again.scope, key: again.key, reference: again.reference } : fresh,
  );
};

const drawAmount = (random: Random, model: Model, hold: ModelHold): string | null => {
  const { exponent } = model.accounts.get(hold.account)!;
  const open = openOf(hold);
  const way = random();
  if (way < 0.3) return null;
  if (way < 0.32) return `0.${"0".repeat(exponent)}5`;
  if (way < 0.34) return "0";
  // Exactly what is open, a unit more, or a part of it.
  if (way < 0.45) return decimalOf(open, exponent);
  if (way < 0.5) return decimalOf(open + 1n, exponent);
  return decimalOf(1n + BigInt(below(random, Number(open) + 1)), exponent);
};

const withHash = (settlement: Settlement): Settlement => {
  const { id: _id, hash: _hash, ...sent } = settlement;
  const hash = createHash("sha256").update(JSON.stringify(sent)).digest("hex");
  return { ...settlement, hash: settlement.key === null ? null : hash };
};
