import type { Sample, Side } from "./sample.ts";

/** Called after every round of a side, warm-up rounds excluded. */
export type OnSample = (side: Side, round: number, sample: Sample) => void;

/**
 * Runs the sides in turn, A B A B …, so that what disturbs the machine disturbs them alike; every other round
 * goes backwards, so that none always runs after the same neighbour. Returns each side's samples, by its name.
 */
export const interleave = async (
  sides: readonly Side[],
  rounds: number,
  onSample: OnSample = () => {},
): Promise<Map<string, Sample[]>> => {
  const samples = new Map(sides.map((side) => [side.name, [] as Sample[]]));
  for (let round = 1; round <= rounds; round++) {
    for (const side of round % 2 === 1 ? sides : sides.toReversed()) {
      await side.prepare?.(round);
      const sample = await side.measure(round);
      samples.get(side.name)?.push(sample);
      onSample(side, round, sample);
    }
  }
  return samples;
};
