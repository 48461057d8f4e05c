import { code as byCode } from "currency-codes";
import { invalidBody } from "../../platform/errors/invalid-body.ts";

/** Decimal places of a currency's minor unit by ISO 4217; undefined where it has none, or there is no such currency. */
export const exponentOf = (currency: string): number | undefined => {
  const digits = byCode(currency)?.digits;
  // The list also holds units of account and metals, for which ISO names no minor unit.
  return digits === undefined || NO_MINOR_UNIT.has(currency) ? undefined : digits;
};

/** The same for the currency that a body names. @throws AppError validation_failed where it has none */
export const requireExponent = (currency: string): number => {
  const exponent = exponentOf(currency);
  if (exponent !== undefined) return exponent;
  throw invalidBody({ pointer: "/currency", detail: "is no currency of ISO 4217" });
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
