import { invalidBody } from "../../platform/errors/invalid-body.ts";
import { requireExponent } from "./currencies.ts";

/**
 * A decimal with the places of its currency, "1" USD as "1.00", which is how every answer writes amounts. Refused the same
 * way whether or not anybody has an account in the currency.
 * @throws AppError validation_failed where there is no such currency, or it has fewer places
 */
export const padPlaces = (decimal: string, currency: string): string => {
  const exponent = requireExponent(currency);
  const [whole = "", rest = ""] = decimal.split(".");
  const places = rest.replace(/0+$/, "");
  if (places.length > exponent)
    throw invalidBody({ pointer: "/amount", detail: `${currency} has ${exponent} decimal places` });
  return exponent === 0 ? whole : `${whole}.${places.padEnd(exponent, "0")}`;
};
