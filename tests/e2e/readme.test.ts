import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { expect, inject, it } from "vitest";
import { inRoot } from "../../stack/root.ts";
import { stack } from "./support/stack.ts";

const run = promisify(execFile);

/** What counts of an answer besides its members: these are the same each time. */
const STEADY = new Set(
  ["status", "approved", "reason", "amount", "currency", "capturedAmount", "releasedAmount"].concat([
    "accepted",
    "persisted",
    "token_type",
    "type",
    "title",
    "credit_type",
    "effect",
    "avg_positivity_7d",
  ]),
);

it("the tour in README.md runs as it stands there, and prints what it says", async () => {
  const tour = await readTour();
  const { stdout } = await run("sh", ["-euc", asScript(tour)], { cwd: inRoot(), timeout: 50_000 });
  const printed = stdout.split("\n").filter((line) => line.startsWith("{"));
  const told = answersOf(tour);
  expect(told.length).toBeGreaterThan(10);
  let from = 0;
  for (const answer of told) {
    const at = printed.findIndex((line, index) => index >= from && isTold(answer, line));
    expect(at, `nothing printed is like ${answer}\nin\n${printed.slice(from).join("\n")}`).not.toBe(-1);
    from = at + 1;
  }
  expect(printed.filter((line) => line.includes('"/problems/'))).toHaveLength(1);
  expect(stdout.trim().endsWith("204")).toBe(true);
});

const readTour = async (): Promise<string> => {
  const page = await readFile(inRoot("README.md"), "utf8");
  return page.slice(page.indexOf("## Five minutes"), page.indexOf("The whole API, to read"));
};

// To this stack, whose logs are elsewhere; and as long as it takes, where a reader waits or is slow.
const asScript = (tour: string): string =>
  blocksOf(tour, "sh")
    .join("\n")
    .replace("http://127.0.0.1:9999", stack().baseUrl)
    .replace(".ecs/logs/", `${inject("stackHome")}/logs/`)
    .replace(/^sleep 1$/m, "until api /v1/users/$ME/offers | grep '\"active\"'; do sleep 0.1; done")
    .replace(/^grep -h .*$/m, (command) => `until ${command}; do sleep 0.1; done`);

// An answer begins with a brace; what is indented goes on with it.
const answersOf = (page: string): string[] =>
  blocksOf(page, "text").flatMap((block) =>
    [...block.matchAll(/^(\{.*(?:\n .*)*)/gm)].map(([, answer = ""]) => answer.replaceAll(/\n +/g, "")),
  );

const blocksOf = (page: string, language: string): string[] =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, "gs"))].map(([, block = ""]) => block);

const isTold = (answer: string, line: string): boolean => {
  const members = [...answer.matchAll(/"(\w+)":("[^"]*"|[\w.-]+)?/g)];
  return members.every(([, name = "", value]) =>
    STEADY.has(name) && value !== undefined
      ? line.includes(`"${name}":${value}`)
      : line.includes(`"${name}":`),
  );
};
