import { type Random, chance } from "../../../simulator/domain/random.ts";
import type { ModelAccount } from "../model/model.ts";
import { idFrom } from "./draw.ts";

/** Accounts of every kind in three currencies, few enough to be met often. */
export const drawPopulation = (random: Random): ModelAccount[] => {
  const owners = Array.from({ length: 8 }, () => idFrom(random));
  return CURRENCIES.flatMap(({ currency, exponent }) => {
    const account = (
      kind: ModelAccount["kind"],
      owner: string | null,
      limit: bigint | null,
      subBalances = 0,
      externalId: string | null = null,
    ): ModelAccount => ({
      id: idFrom(random),
      kind,
      currency,
      exponent,
      owner,
      subBalances,
      externalId,
      status: "open",
      limit,
      overlimit: 0n,
      debits: 0n,
      credits: 0n,
      held: 0n,
    });
    return [
      account("bank", null, null),
      account("system", null, null),
      // A client's of another system: it has no owner here.
      account("wallet", null, 0n),
      // In one currency of a single part.
      account("system", null, null, exponent === 0 ? 1 : 3, `settlement:${currency}`),
      ...owners.flatMap((owner) => [
        account("wallet", owner, 0n),
        ...(chance(random, 0.5)
          ? [account("credit_line", owner, BigInt(Math.floor(random() * 20_000)))]
          : []),
      ]),
    ];
  });
};

const CURRENCIES = [
  { currency: "USD", exponent: 2 },
  { currency: "JPY", exponent: 0 },
  { currency: "BHD", exponent: 3 },
];
