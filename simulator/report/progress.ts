import { type Meter, calls } from "../http/meter.ts";
import type { OnProgress, Phase } from "../play/play.ts";

export type Progress = {
  readonly on: OnProgress;
  /** Draws the last state and leaves the cursor below it. */
  readonly end: () => void;
};

export type ProgressDeps = {
  readonly output: Pick<NodeJS.WriteStream, "write" | "isTTY" | "columns">;
  readonly meter: Meter;
};

const BAR_WIDTH = 28;
const TERMINAL_EVERY_MS = 200;
const LINE_EVERY_MS = 5_000;
const CLEAR_LINE = "\u001b[2K";
const titles: Record<Phase, string> = {
  people: "accounts",
  history: "the past",
  live: "live    ",
  check: "checking",
};

/**
 * Shows how far the run is, how much is going on and how long calls take: on a terminal as a block that is drawn
 * over itself, elsewhere as a line every few seconds and at the end of each phase.
 */
export const startProgress = ({ output, meter }: ProgressDeps): Progress => {
  const rate = createRate(meter);
  let state: { phase: Phase; share: number; words: string } | undefined;
  let drawnLines = 0;

  const bar = (): string => {
    if (!state) return "";
    const filled = Math.round(state.share * BAR_WIDTH);
    const drawn = "█".repeat(filled) + "░".repeat(BAR_WIDTH - filled);
    return `${titles[state.phase]} ${drawn} ${state.words} · ${rate()} calls/s`;
  };
  const draw = (): void => {
    if (!state) return;
    if (!output.isTTY) {
      output.write(`${bar()}  ${describeTimes(meter)}\n`);
      return;
    }
    const lines = [bar(), describeTimes(meter)];
    const width = output.columns || 80;
    const up = drawnLines > 0 ? `\u001b[${drawnLines}A` : "";
    output.write(up + lines.map((line) => `${CLEAR_LINE}${line.slice(0, width - 1)}\n`).join(""));
    drawnLines = lines.length;
  };
  const timer = setInterval(draw, output.isTTY ? TERMINAL_EVERY_MS : LINE_EVERY_MS);

  return {
    on: (phase, share, words) => {
      const ended = state && state.phase !== phase;
      if (ended) draw();
      // Parts of a phase overlap: what has been reached is not taken back.
      const reached = state?.phase === phase && phase !== "check" ? Math.max(state.share, share) : share;
      if (reached === share || ended) state = { phase, share: reached, words };
    },
    end: () => {
      clearInterval(timer);
      draw();
    },
  };
};

/** Successful calls a second since it was last asked. */
const createRate = (meter: Meter): (() => string) => {
  let before = { at: performance.now(), total: 0 };
  return () => {
    const now = { at: performance.now(), total: meter.total() };
    const perSecond = ((now.total - before.total) * 1_000) / Math.max(now.at - before.at, 1);
    before = now;
    return perSecond.toFixed(0);
  };
};

const describeTimes = (meter: Meter): string => {
  const times = calls
    .filter((call) => meter.succeeded(call) > 0)
    .map((call) => {
      const latency = meter.latency(call);
      return `${call} ${latency.percentile(0.5).toFixed(0)}/${latency.percentile(0.99).toFixed(0)}`;
    });
  return times.length > 0 ? `p50/p99 ms: ${times.join(", ")}` : "";
};
