import CircuitBreaker from "opossum";

export type BreakerState = "closed" | "half-open" | "open";

export type Breaker = {
  /** Runs a call, or refuses it. @throws BreakerOpenError, or whatever the call throws */
  run: <Result>(call: () => Promise<Result>) => Promise<Result>;
  state: () => BreakerState;
  stop: () => void;
};

export type BreakerOptions = {
  name: string;
  /** Opens on so many failures in a row. */
  failuresToOpen: number;
  /** Stays open for so long, then lets one trial through. */
  resetMs: number;
  /** Whether an error speaks against the service called; the others count as answers. */
  isFailure: (error: unknown) => boolean;
  onChange?: (state: BreakerState) => void;
};

export class BreakerOpenError extends Error {
  /** Until the next trial. */
  readonly remainingMs: number;

  constructor(name: string, remainingMs: number) {
    super(`${name}: the circuit breaker is open`);
    this.name = "BreakerOpenError";
    this.remainingMs = remainingMs;
  }
}

type Notice = () => Promise<unknown>;

/**
 * A circuit breaker that opens on consecutive failures. Calls must bring their own timeout, shorter than
 * `resetMs`. An answer to a call from before an opening reaches its caller but no longer moves the breaker.
 */
export const createBreaker = (options: BreakerOptions): Breaker => {
  const { name, failuresToOpen, resetMs, isFailure, onChange } = options;
  const circuit = new CircuitBreaker<[Notice]>((notice) => notice(), {
    name,
    timeout: false,
    resetTimeout: resetMs,
    // opossum opens by rate; these two make sure that only our count of consecutive failures opens it.
    volumeThreshold: Number.MAX_SAFE_INTEGER,
    errorThresholdPercentage: 100,
    errorFilter: (error) => !isFailure(error),
    rollingPercentilesEnabled: false,
    enableSnapshots: false,
  });
  let consecutiveFailures = 0;
  let openings = 0;
  let openedAt = 0;

  circuit.on("failure", () => {
    consecutiveFailures += 1;
    if (consecutiveFailures >= failuresToOpen) circuit.open();
  });
  circuit.on("success", () => {
    consecutiveFailures = 0;
  });
  circuit.on("open", () => {
    consecutiveFailures = 0;
    openings += 1;
    openedAt = performance.now();
    onChange?.("open");
  });
  circuit.on("halfOpen", () => onChange?.("half-open"));
  circuit.on("close", () => onChange?.("closed"));

  return {
    run: <Result>(call: () => Promise<Result>): Promise<Result> => {
      const answer = Promise.withResolvers<Result>();
      const startedIn = openings;
      let started = false;
      const notice = (): Promise<Result> => {
        started = true;
        call().then(answer.resolve, answer.reject);
        // Left pending for ever when stale: opossum would take its success for the trial's.
        return new Promise((resolve, reject) => {
          answer.promise.then(
            (result) => startedIn === openings && resolve(result),
            (error: unknown) => startedIn === openings && reject(error as Error),
          );
        });
      };
      circuit.fire(notice).catch(() => {
        if (!started)
          answer.reject(new BreakerOpenError(name, Math.max(0, openedAt + resetMs - performance.now())));
      });
      return answer.promise;
    },
    state: () => (circuit.opened ? "open" : circuit.halfOpen ? "half-open" : "closed"),
    stop: () => circuit.shutdown(),
  };
};
