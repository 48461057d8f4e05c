import { setTimeout as sleep } from "node:timers/promises";

export type SettleOptions<Finding> = {
  readonly look: () => Promise<Finding[]>;
  readonly onFindings: (findings: readonly Finding[]) => void;
  readonly stopping: AbortSignal;
  /** How long it may stay as it is before it is given up. */
  readonly patienceMs?: number;
  readonly everyMs?: number;
};

const PATIENCE_MS = 60_000;
const EVERY_MS = 500;

/**
 * Looks again and again until nothing is wrong any more: workers may be a little behind. As long as there is less
 * to find from look to look it goes on. A look that fails is repeated too.
 * @returns what is still wrong; throws the look's error when the last one failed
 */
export const settle = async <Finding>(options: SettleOptions<Finding>): Promise<Finding[]> => {
  const { look, onFindings, stopping, patienceMs = PATIENCE_MS, everyMs = EVERY_MS } = options;
  let fewest = Infinity;
  let givesUpAt = Date.now() + patienceMs;
  for (;;) {
    const findings = await look().catch((error: unknown) => error as Error);
    if (!(findings instanceof Error)) {
      onFindings(findings);
      if (findings.length === 0) return findings;
      if (findings.length < fewest) givesUpAt = Date.now() + patienceMs;
      fewest = Math.min(fewest, findings.length);
    }
    if (stopping.aborted || Date.now() > givesUpAt) {
      if (findings instanceof Error) throw findings;
      return findings;
    }
    await sleep(everyMs, undefined, { signal: stopping }).catch(() => {});
  }
};
