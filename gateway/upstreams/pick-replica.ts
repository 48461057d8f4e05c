import type { Replica } from "./replica.ts";

/**
 * The replica with the least in flight among those that are not avoided and were not tried yet; an avoided one when
 * there is no other; undefined when all were tried.
 * @param turn where to begin, so that equals take turns
 */
export const pickReplica = (
  replicas: readonly Replica[],
  tried: readonly Replica[],
  turn: number,
  now: number,
): Replica | undefined => {
  let best: Replica | undefined;
  for (let step = 0; step < replicas.length; step++) {
    const candidate = replicas[(turn + step) % replicas.length]!;
    if (tried.includes(candidate)) continue;
    if (best === undefined || isBetter(candidate, best, now)) best = candidate;
  }
  return best;
};

const isBetter = (candidate: Replica, best: Replica, now: number): boolean => {
  const avoided = candidate.avoidedUntil > now;
  if (avoided !== best.avoidedUntil > now) return !avoided;
  // One that is only about to stop is better than one that failed, and one failure better than many.
  if (avoided && candidate.failures !== best.failures) return candidate.failures < best.failures;
  return candidate.inFlight < best.inFlight;
};
