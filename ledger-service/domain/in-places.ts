import { exponentOf } from "./currencies.ts";

/** A decimal with as many places as its currency has; one that has more, or of an unknown currency, stays as it is. */
export const inPlaces = (amount: string, currency: string): string => {
  const [whole, fraction = ""] = amount.split(".");
  const places = exponentOf(currency) ?? 0;
  return fraction.length < places ? `${whole}.${fraction.padEnd(places, "0")}` : amount;
};
