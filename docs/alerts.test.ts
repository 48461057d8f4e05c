import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";

type Rule = {
  readonly alert: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly runbook: string };
};

const ROOT = resolve(import.meta.dirname, "..");
const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");
const { groups } = parse(read("deploy/prometheus/alerts.yaml")) as { groups: { rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);
const entries = read("docs/operations/alarms.md")
  .split(/^### /m)
  .slice(1)
  .map((entry) => entry.split("\n"));

test("every rule leads to the entry that names it, and every entry has its rule", () => {
  const inPage = entries.map(([heading = "", , alert]) => ({ anchor: anchorOf(heading), alert }));
  const inRules = rules.map(({ alert, labels, annotations }) => ({
    anchor: annotations.runbook.split("#")[1],
    alert: `Alert \`${alert}\`, ${labels.severity}.`,
  }));
  expect(inPage).toEqual(inRules);
});

test("a rule asks for somebody at once, or within the day", () => {
  for (const { labels } of rules) expect(["page", "ticket"]).toContain(labels.severity);
});

// As GitHub makes them.
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(" ", "-");
