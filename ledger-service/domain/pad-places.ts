import { exponentOf } from "./currencies.ts";

/**
 * A decimal with the places of its currency, "1" USD as "1.00", which is how every answer writes amounts. One with more
 * places than the currency has, and one of a currency that is not known, stays as it is, to be refused or declined.
 */
export const padPlaces = (decimal: string, currency: string): string => {
  const exponent = exponentOf(currency);
  const [whole = "", rest = ""] = decimal.split(".");
  const places = rest.replace(/0+$/, "");
  if (exponent === undefined || places.length > exponent) return decimal;
  return exponent === 0 ? whole : `${whole}.${places.padEnd(exponent, "0")}`;
};
