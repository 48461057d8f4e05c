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

const TIMES = "p50/p99 ms:";
const BAR_WIDTH = 28;
const TERMINAL_EVERY_MS = 200;
const LINE_EVERY_MS = 5_000;
const RATE_OVER_MS = 3_000;
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
      output.write(`${bar()}  ${TIMES} ${describeTimes(meter).join(", ")}\n`);
      return;
    }
    const width = output.columns || 80;
    const lines = [bar(), ...wrap([TIMES, ...describeTimes(meter)], width)];
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

/** Successful calls a second over the last few seconds. */
const createRate = (meter: Meter): (() => string) => {
  const samples = [{ at: performance.now(), total: meter.total() }];
  return () => {
    const now = { at: performance.now(), total: meter.total() };
    samples.push(now);
    while (samples.length > 2 && now.at - samples[1]!.at >= RATE_OVER_MS) samples.shift();
    const since = samples[0]!;
    return (((now.total - since.total) * 1_000) / Math.max(now.at - since.at, 1)).toFixed(0);
  };
};

const describeTimes = (meter: Meter): string[] =>
  calls
    .filter((call) => meter.succeeded(call) > 0)
    .map((call) => {
      const latency = meter.latency(call);
      return `${call} ${latency.percentile(0.5).toFixed(0)}/${latency.percentile(0.99).toFixed(0)}`;
    });

/** Words in as many lines as they need. */
const wrap = (words: readonly string[], width: number): string[] => {
  const lines: string[] = [];
  for (const word of words) {
    const longer = lines.length > 0 ? `${lines.at(-1)}  ${word}` : undefined;
    if (longer !== undefined && longer.length < width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
};
