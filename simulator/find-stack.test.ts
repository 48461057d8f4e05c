import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { findStack } from "./find-stack.ts";

const running = { baseUrl: "http://127.0.0.1:9999", databaseUrl: "postgres://u:p@127.0.0.1:5432/ecs" };
const elsewhere = { baseUrl: "https://ecs.example", databaseUrl: "postgres://u:p@db.example/ecs" };

const homeWith = (stackFile?: string): string => {
  const home = mkdtempSync(join(tmpdir(), "simulator-"));
  onTestFinished(() => rmSync(home, { recursive: true }));
  if (stackFile !== undefined) writeFileSync(join(home, "stack.json"), stackFile);
  return home;
};

test("the stack that runs here is taken when nothing else is said", () => {
  expect(findStack(homeWith(JSON.stringify(running)), {})).toEqual(running);
});

test("without a stack it says how to start one", () => {
  expect(() => findStack(homeWith(), {})).toThrow(/no stack is running .*: start one with npm start/);
});

test("a stack elsewhere needs both addresses, and then no stack here", () => {
  const home = homeWith(JSON.stringify(running));
  expect(findStack(homeWith(), elsewhere)).toEqual(elsewhere);
  expect(() => findStack(home, { baseUrl: elsewhere.baseUrl })).toThrow(/--database-url/);
  expect(() => findStack(homeWith(), { baseUrl: elsewhere.baseUrl })).toThrow(/--database-url/);
});

test("naming the stack that runs here is no stack elsewhere", () => {
  const home = homeWith(JSON.stringify(running));
  expect(findStack(home, { baseUrl: "http://127.0.0.1:9999/" })).toEqual(running);
});

test.each(["", "{}", "not json"])("a stack file that holds %j is refused by name", (text) => {
  expect(() => findStack(homeWith(text), {})).toThrow(/stack\.json is not what npm start writes/);
});
