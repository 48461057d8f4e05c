import { codeOf } from "../errors/code-of.ts";

/** What a check found out; a check that throws is not ready. */
export type CheckDetail = Record<string, unknown>;
export type Check = () => Promise<CheckDetail | void> | CheckDetail | void;

export type Readiness = { ready: boolean; checks: Record<string, { ready: boolean } & CheckDetail> };

export type Health = {
  /** Adds what must hold before this process should get traffic. */
  require: (name: string, check: Check) => void;
  /** Adds something worth showing that does not make the process unready. */
  report: (name: string, check: Check) => void;
  /** From now on not ready: the process is about to stop. */
  startDraining: () => void;
  readiness: () => Promise<Readiness>;
};

// Longer than any healthy answer, shorter than the poll interval of whoever asks.
const CHECK_TIMEOUT_MS = 1_500;

export const createHealth = (): Health => {
  const checks = new Map<string, { check: Check; required: boolean }>();
  let draining = false;

  return {
    require: (name, check) => void checks.set(name, { check, required: true }),
    report: (name, check) => void checks.set(name, { check, required: false }),
    startDraining: () => void (draining = true),
    readiness: async () => {
      const results = await Promise.all(
        [...checks].map(async ([name, { check, required }]) => ({
          name,
          required,
          result: await runCheck(check),
        })),
      );
      const ready = !draining && results.every(({ required, result }) => result.ready || !required);
      const shown = Object.fromEntries(results.map(({ name, result }) => [name, result]));
      return {
        ready,
        checks: draining ? { ...shown, process: { ready: false, reason: "draining" } } : shown,
      };
    },
  };
};

const runCheck = async (check: Check): Promise<{ ready: boolean } & CheckDetail> => {
  const timeout = Promise.withResolvers<never>();
  const timer = setTimeout(() => timeout.reject(new Error("timeout")), CHECK_TIMEOUT_MS);
  try {
    const detail = await Promise.race([Promise.resolve().then(check), timeout.promise]);
    return { ready: true, ...detail };
  } catch (error) {
    // The reason's kind, never a driver's text: /readyz needs no authentication.
    return { ready: false, reason: reasonOf(error) };
  } finally {
    clearTimeout(timer);
  }
};

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return "failed";
  if (error.message === "timeout") return "timeout";
  return codeOf(error) ?? "unavailable";
};
