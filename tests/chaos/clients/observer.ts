/** What clients ask for. */
export type Call = "emotion" | "transaction" | "analysis" | "acceptance";

/** What the clients saw from the beginning of one fault to that of the next. */
export type Window = {
  readonly fault: number;
  readonly beganAt: number;
  requests: number;
  /** By status, or by the name of what went wrong on the way to one. */
  readonly errors: Map<string, number>;
  /** The longest time over which telemetry got 503s that were at most two seconds apart, in ms; 0 for single ones. */
  refusingForMs: number;
  failedAcceptances: number;
  /** The longest time without a 2xx, in ms, for telemetry and for credit. */
  longestGapMs: { telemetry: number; credit: number };
};

export type Observer = {
  readonly record: (call: Call, began: number, ending: string, succeeded: boolean) => void;
  /** What follows belongs to this fault; 0 is the time before the first. */
  readonly open: (fault: number) => void;
  readonly windows: () => readonly Window[];
  /** True once a request of each kind that began after this moment has succeeded. */
  readonly succeededSince: (moment: number) => boolean;
};

const APART_MS = 2_000;

export const createObserver = (now: () => number): Observer => {
  const windows: Window[] = [];
  const lastSuccess = { telemetry: now(), credit: now() };
  const newestBegin = { telemetry: 0, credit: 0 };
  let refusals: { firstAt: number; lastAt: number } | undefined;
  const open = (fault: number): void => {
    refusals = undefined;
    windows.push({
      fault,
      beganAt: now(),
      requests: 0,
      errors: new Map(),
      refusingForMs: 0,
      failedAcceptances: 0,
      longestGapMs: { telemetry: 0, credit: 0 },
    });
  };
  open(0);
  return {
    open,
    windows: () => windows,
    record: (call, began, ending, succeeded) => {
      const window = windows.at(-1)!;
      const kind = call === "emotion" || call === "transaction" ? "telemetry" : "credit";
      window.requests++;
      if (!succeeded) {
        window.errors.set(ending, (window.errors.get(ending) ?? 0) + 1);
        if (call === "acceptance") window.failedAcceptances++;
        if (kind === "telemetry" && ending === "503") {
          const at = now();
          const goesOn = refusals && at - refusals.lastAt <= APART_MS;
          refusals = { firstAt: goesOn ? refusals!.firstAt : at, lastAt: at };
          window.refusingForMs = Math.max(window.refusingForMs, at - refusals.firstAt);
        }
        return;
      }
      const at = now();
      window.longestGapMs[kind] = Math.max(window.longestGapMs[kind], at - lastSuccess[kind]);
      lastSuccess[kind] = at;
      newestBegin[kind] = Math.max(newestBegin[kind], began);
    },
    succeededSince: (moment) => newestBegin.telemetry > moment && newestBegin.credit > moment,
  };
};
