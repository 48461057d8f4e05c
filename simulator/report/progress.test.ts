import { expect, onTestFinished, test, vi } from "vitest";
import { createMeter } from "../http/meter.ts";
import { startProgress } from "./progress.ts";

const ESCAPE = "\u001b";

const showing = (terminal: { isTTY: boolean; columns: number }) => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const written: string[] = [];
  const meter = createMeter();
  const output = { ...terminal, write: (text: string) => written.push(text) > 0 };
  return { written, meter, progress: startProgress({ output: output as NodeJS.WriteStream, meter }) };
};

test("away from a terminal it writes a plain line every few seconds, with rate and times", () => {
  const { written, meter, progress } = showing({ isTTY: false, columns: 0 });
  progress.on("history", 0.5, "day 15 of 30");
  for (let i = 0; i < 50; i++) meter.record("emotion", 10, { status: 202 });
  vi.advanceTimersByTime(5_000);
  expect(written).toHaveLength(1);
  expect(written[0]).toMatch(
    /^the past █{14}░{14} day 15 of 30 · 10 calls\/s {2}p50\/p99 ms: emotion 10\/10\n$/,
  );
  progress.end();
});

test("on a terminal it draws over itself and keeps within its width", () => {
  const { written, meter, progress } = showing({ isTTY: true, columns: 40 });
  for (const call of ["register", "login", "emotion"] as const) meter.record(call, 1_000, { status: 201 });
  progress.on("live", 0.25, "15 of 60 s");
  vi.advanceTimersByTime(400);
  progress.end();
  expect(written[1]!.startsWith(`${ESCAPE}[3A${ESCAPE}[2Klive `)).toBe(true);
  expect(written[1]).toMatch(/emotion \d+\/\d+\n$/);
  const texts = written.flatMap((text) => text.split("\n")).map((line) => line.split(`${ESCAPE}[2K`).at(-1)!);
  expect(Math.max(...texts.map((text) => text.length))).toBe(39);
});

test("a phase that ends is shown as it ended, and overlapping parts never go back", () => {
  const { written, progress } = showing({ isTTY: false, columns: 0 });
  progress.on("history", 0.9, "day 27 of 30");
  progress.on("history", 0.8, "day 24 of 30");
  progress.on("live", 0, "0 of 60 s");
  progress.end();
  expect(written[0]).toContain("day 27 of 30");
  expect(written[1]).toContain("0 of 60 s");
});
