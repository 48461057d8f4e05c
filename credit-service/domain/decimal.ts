/** An exact decimal number: `digits` · 10^−`scale`. */
export type Decimal = { digits: bigint; scale: number };

const PATTERN = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i;

/**
 * The decimal that a number's shortest text shows, so that 0.1 is a tenth and not its nearest binary neighbour.
 * @throws RangeError when it is not a finite decimal number
 */
export const decimal = (value: number | string): Decimal => {
  const match = PATTERN.exec(String(value));
  if (!match) throw new RangeError(`not a decimal number: ${value}`);
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  const scale = fraction.length - Number(exponent);
  const digits = BigInt(`${sign}${whole}${fraction}`);
  return scale >= 0 ? { digits, scale } : { digits: digits * 10n ** BigInt(-scale), scale: 0 };
};

export const add = (a: Decimal, b: Decimal): Decimal => {
  const scale = Math.max(a.scale, b.scale);
  return { digits: rescale(a, scale) + rescale(b, scale), scale };
};

export const subtract = (a: Decimal, b: Decimal): Decimal => add(a, { ...b, digits: -b.digits });

export const multiply = (a: Decimal, b: Decimal): Decimal => ({
  digits: a.digits * b.digits,
  scale: a.scale + b.scale,
});

export const compare = (a: Decimal, b: Decimal): number => {
  const { digits } = subtract(a, b);
  return digits === 0n ? 0 : digits < 0n ? -1 : 1;
};

/** To so many places; a tie goes to the even neighbour (IEEE 754 roundTiesToEven), so that rounding has no bias. */
export const roundHalfEven = (value: Decimal, places: number): Decimal => {
  if (value.scale <= places) return { digits: rescale(value, places), scale: places };
  const divisor = 10n ** BigInt(value.scale - places);
  const magnitude = value.digits < 0n ? -value.digits : value.digits;
  const quotient = magnitude / divisor;
  const twiceRest = (magnitude % divisor) * 2n;
  const up = twiceRest > divisor || (twiceRest === divisor && quotient % 2n === 1n);
  const rounded = up ? quotient + 1n : quotient;
  return { digits: value.digits < 0n ? -rounded : rounded, scale: places };
};

/** As text, with exactly as many places as its scale. */
export const toText = ({ digits, scale }: Decimal): string => {
  const magnitude = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, "0");
  const sign = digits < 0n ? "-" : "";
  if (scale === 0) return sign + magnitude;
  return `${sign}${magnitude.slice(0, -scale)}.${magnitude.slice(-scale)}`;
};

const rescale = ({ digits, scale }: Decimal, to: number): bigint => digits * 10n ** BigInt(to - scale);
