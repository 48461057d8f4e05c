import { code as byCode } from "currency-codes";

/** Decimal places of a currency's minor unit by ISO 4217; undefined where it has none, or there is no such currency. */
export const exponentOf = (currency: string): number | undefined => {
  const digits = byCode(currency)?.digits;
  // The list also holds units of account and metals, for which ISO names no minor unit.
  return digits === undefined || NO_MINOR_UNIT.has(currency) ? undefined : digits;
};

const NO_MINOR_UNIT: ReadonlySet<string> = new Set([
  "XAG",
  "XAU",
  "XBA",
  "XBB",
  "XBC",
  "XBD",
  "XDR",
  "XPD",
  "XPT",
  "XSU",
  "XTS",
  "XUA",
  "XXX",
]);
