/** What is made to go wrong with predictions. */
export type Faults = {
  /** Wait so long before answering. */
  latencyMs: number;
  /** Share of predictions that fail with a 500, 0 to 1. */
  errorRate: number;
  /** Do not answer at all until the faults change. */
  hang: boolean;
  /** Answer 200 with a body that is no prediction. */
  malformed: boolean;
};

export const noFaults: Faults = Object.freeze({ latencyMs: 0, errorRate: 0, hang: false, malformed: false });

export type FaultInjection = {
  current: () => Faults;
  set: (faults: Faults) => void;
  /** Resolves at the next change. */
  changed: () => Promise<void>;
};

export const createFaultInjection = (): FaultInjection => {
  let faults = noFaults;
  let change = Promise.withResolvers<void>();
  return {
    current: () => faults,
    set: (next) => {
      faults = next;
      change.resolve();
      change = Promise.withResolvers<void>();
    },
    changed: () => change.promise,
  };
};
