import { type Random, chance } from "../../../simulator/domain/random.ts";
import { type Model, decimalOf } from "../model/model.ts";
import type { Order } from "../model/transfer-order.ts";

/** Transfers that wait, to be attempted once more; some of them for the last time. */
export const drawRetries = (random: Random, model: Model, most: number): Order[] =>
  [...model.transfers.values()]
    .filter(({ status }) => status === "pending")
    .filter(() => chance(random, 0.7))
    .slice(0, most)
    .map(({ id, source, destination, minor, type, scope, reference }) => ({
      id,
      source,
      destination,
      amount: decimalOf(minor, model.accounts.get(source)!.exponent),
      type,
      scope,
      key: null,
      hash: null,
      owner: null,
      currency: null,
      reference,
      reverts: null,
      waits: chance(random, 0.6),
      later: false,
    }));
