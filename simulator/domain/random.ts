/** A stream of numbers that a seed decides, each in [0, 1). */
export type Random = () => number;

/**
 * A stream of its own for each label under a seed, so that drawing more for one purpose leaves every other as it
 * was. xoshiro128** 1.1 (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021).
 */
export const randomFor = (seed: number, label: string): Random => {
  const expand = expander(seed, label);
  let a = expand();
  let b = expand();
  let c = expand();
  // The state must not be all zero.
  let d = expand() | 1;
  return () => {
    const scrambled = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotate(d, 11);
    return scrambled / 2 ** 32;
  };
};

const rotate = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits));

/** Words that spread seed and label over the whole state, however alike two of them are. */
const expander = (seed: number, label: string): (() => number) => {
  let state = seed | 0;
  for (const character of label) state = mix(state ^ character.codePointAt(0)!);
  return () => {
    state = (state + 0x9e3779b9) | 0;
    return mix(state);
  };
};

// The finalizer of MurmurHash3 (Appleby): every bit of the input reaches every bit of the output.
const mix = (word: number): number => {
  const once = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35);
  // Off zero, which the mixing would leave where it is.
  return ((twice ^ (twice >>> 16)) + 0x6d2b79f5) | 0;
};

export const between = (random: Random, low: number, high: number): number => low + random() * (high - low);

export const chance = (random: Random, probability: number): boolean => random() < probability;

/** A standard normal number (Box and Muller). */
export const normal = (random: Random): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Log-normal: half of them lie below the median; `spread` is the deviation of the logarithm. */
export const logNormal = (random: Random, median: number, spread: number): number =>
  median * Math.exp(spread * normal(random));

/** How often something happens that happens `mean` times on average (Knuth; in parts, so that large means do not underflow). */
export const poisson = (random: Random, mean: number): number => {
  if (mean > 30) return poisson(random, 30) + poisson(random, mean - 30);
  const limit = Math.exp(-mean);
  let count = -1;
  for (let product = 1; product > limit; product *= random()) count++;
  return Math.max(count, 0);
};

/** One of the entries, as often as its weight says. */
export const pickWeighted = <T extends { readonly weight: number }>(
  random: Random,
  entries: readonly T[],
): T => {
  const total = entries.reduce((sum, { weight }) => sum + weight, 0);
  let left = random() * total;
  for (const entry of entries) {
    left -= entry.weight;
    if (left < 0) return entry;
  }
  return entries.at(-1)!;
};
