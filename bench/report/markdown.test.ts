import { expect, test } from "vitest";
import { renderOverview, renderPage } from "./markdown.ts";
import { renderForTerminal } from "./terminal.ts";

const result = {
  name: "intake",
  title: "Intake",
  sides: [
    {
      name: "ingestion",
      unit: "requests",
      rounds: 5,
      rate: { median: 12_345.6, min: 11_000, max: 13_000 },
      p50Ms: { median: 2.345, min: 2, max: 3 },
      p99Ms: { median: 9.5, min: 8, max: 12 },
      cpuPerMillion: { nats: 3.2, ingestion: 61.4, "load generator": 15 },
      coresBusy: { nats: 0.1, ingestion: 0.98 },
    },
  ],
  findings: [{ label: "ingestion ÷ bare", value: 0.31, unit: "×" as const, floor: 0.33 }],
  notes: ["A note."],
};
const machine = { cpu: "CPU", cores: 2, memoryGiB: 24, system: "linux", node: "v24" };

test("the page names the command, the machine, medians with ranges, and floors that were missed", () => {
  const text = renderPage({ ...result, machine, measuredAt: "2026-11-21T10:00:00.000Z" });
  expect(text).toContain("`npm run bench -- intake`, 2026-11-21: 2 cores (CPU), 24 GiB");
  expect(text).toContain("12,346 (11,000–13,000) requests");
  expect(text).toContain("2.35 (2.00–3.00)");
  expect(text).toContain("ingestion 61, load generator 15, nats 3.20");
  expect(text).toContain("≥ 0.33 ×: below floor");
});

test("a side has its rate per core without the load generator", () => {
  const text = renderPage({ ...result, machine, measuredAt: "2026-11-21T10:00:00.000Z" });
  expect(text).toContain("12,346 (11,000–13,000) requests | 15,480 |");
});

test("the overview has what has a floor, with the command, and the day", () => {
  const findings = [...result.findings, { label: "no floor", value: 2, unit: "×" as const }];
  const text = renderOverview([{ ...result, findings, machine, measuredAt: "2026-11-21T10:00:00.000Z" }]);
  expect(text).toContain(
    "| [`npm run bench -- intake`](benchmarks/intake.md) | ingestion ÷ bare | 0.31 × | ≥ 0.33 ×: below floor | 2026-11-21 |",
  );
  expect(text).not.toContain("no floor");
});

test("of many with the same floor the overview has the one that is nearest to it", () => {
  const findings = [90, 144, 97, 101, 88].map((value) => ({
    label: `service ${value}`,
    value,
    unit: "MB" as const,
    ceiling: 150,
  }));
  const text = renderOverview([{ ...result, findings, machine, measuredAt: "2026-11-21T10:00:00.000Z" }]);
  expect(text).toContain("service 144 (of 5 the nearest to the bound)");
  expect(text).not.toContain("service 90");
});

test("the terminal shows the same figures", () => {
  const text = renderForTerminal(result);
  expect(text).toContain("ingestion: 12,346 (11,000–13,000) requests/s, p50 2.35 (2.00–3.00) ms");
  expect(text).toContain("ingestion 0.98, nats 0.10; 15,480 requests/s per core");
  expect(text).toContain("ingestion ÷ bare: 0.31 ×   floor ≥ 0.33 ×: below floor");
});
