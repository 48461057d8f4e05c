import { globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

const ROOT = resolve(import.meta.dirname, "..");
const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");
const sources = globSync(
  "{gateway,ingestion,workers,credit-service,ledger-service,ml-mock,platform}/**/*.ts",
  {
    cwd: ROOT,
    exclude: ["**/*.test.ts"],
  },
);

// Metrics that every Node process has from its library.
const NODES_OWN = /^(nodejs|process)_/;
const METRIC = /^[a-z]+(_[a-z]+)+$/;

const inCode = new Set(
  sources
    .map(read)
    .filter((source) => source.includes("prom-client"))
    .flatMap((source) => [...source.matchAll(/(?:name: |gauge\(\s*)"([a-z]+(?:_[a-z]+)+)"/g)])
    .map(([, name = ""]) => name),
);
const namesIn = (text: string): ReadonlySet<string> =>
  new Set(
    [...text.matchAll(/`([a-z_]+)(?:\{[^`]*)?`/g)]
      .map(([, name = ""]) => name.replace(/_(count|sum|bucket)$/, ""))
      .filter((name) => METRIC.test(name) && !NODES_OWN.test(name)),
  );

test("every metric is in docs/operations/metrics.md, and nothing else is", () => {
  const labels = new Set(["stream_full"]);
  const listed = [...namesIn(read("docs/operations/metrics.md"))].filter((name) => !labels.has(name));
  expect(listed.toSorted()).toEqual([...inCode].toSorted());
});

const alarms = read("docs/operations/alarms.md");
const headings = [...alarms.matchAll(/^### (.+)$/gm)].map(([, heading = ""]) => heading);
const alarming = headings.flatMap((heading) => [...namesIn(heading)]);

test("every alarm is on a metric that there is", () => {
  expect(headings.length).toBeGreaterThan(20);
  expect(alarming.filter((name) => !inCode.has(name))).toEqual([]);
});

test("the list above the alarms names every one of them, and no other", () => {
  const list = alarms.slice(0, alarms.indexOf("\n## "));
  const bold = list.split("\n").filter((line) => line.startsWith("**"));
  expect([...namesIn(bold.join("\n"))].toSorted()).toEqual([...new Set(alarming)].toSorted());
});

test("Prometheus' rules ask for metrics that there are", () => {
  const rules = read("deploy/prometheus/alerts.yaml").replaceAll(/ by \([^)]*\)/g, "");
  const asked = [...rules.matchAll(/\b([a-z]+(?:_[a-z0-9]+)+)(?=[{[)]| [>=])/g)]
    .map(([, name = ""]) => name.replace(/_(count|sum)$/, ""))
    .filter((name) => !NODES_OWN.test(name));
  expect(asked.length).toBeGreaterThan(25);
  expect(asked.filter((name) => !inCode.has(name))).toEqual([]);
});

test("the other pages on operations name no metric that there is not", () => {
  const pages = globSync("docs/operations/*.md", { cwd: ROOT });
  const prefixes = new Set([...inCode].map((name) => name.split("_")[0]));
  const counted = /_(total|seconds|messages|batches|rows|open|bytes|entries|shedding)$/;
  const unknown = pages
    .flatMap((page) => [...namesIn(read(page))])
    .filter((name) => prefixes.has(name.split("_")[0]) && counted.test(name) && !inCode.has(name));
  expect(unknown).toEqual([]);
});
