import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { PROCESSES, replicasOf, replicasVariable } from "./processes.ts";
import { inRoot, ROOT } from "./root.ts";

const read = (file: string): string => readFileSync(inRoot(file), "utf8");

const described = new Set(
  [...read(".env.example").matchAll(/^([A-Z][A-Z0-9_]*)=/gm)].map(([, name]) => name),
);

const configs = globSync("**/{config,config-fields,fields}.ts", {
  cwd: ROOT,
  exclude: ["node_modules/**", ".ecs/**"],
});

test("every process's configuration was found", () => {
  for (const { entry } of PROCESSES) expect(configs).toContain(entry.replace(/main\.ts$/, "config.ts"));
});

test.each(configs)("every variable that %s reads is in .env.example", (file) => {
  const names = [...read(file).matchAll(/^ {2}([A-Z][A-Z0-9_]{2,}):/gm)].map(([, name]) => name);
  expect(names.filter((name) => !described.has(name))).toEqual([]);
});

// Compose itself reads this one.
const COMPOSES_OWN = "COMPOSE_PROFILES";

test("every variable in .env.example is read by a process, npm start or docker-compose.yaml", () => {
  const readers = [...configs, "docker-compose.yaml"].map(read).join("\n");
  const known = new Set([COMPOSES_OWN, ...PROCESSES.map(replicasVariable), ...(readers.match(/\w+/g) ?? [])]);
  expect([...described].filter((name = "") => !known.has(name))).toEqual([]);
});

test("every variable that docker-compose.yaml asks for is in .env.example", () => {
  const names = [...read("docker-compose.yaml").matchAll(/\$\{([A-Z][A-Z0-9_]*)/g)].map(([, name]) => name);
  expect(names.filter((name) => !described.has(name))).toEqual([]);
});

test("the replicas of every process can be set, to a whole number", () => {
  for (const entry of PROCESSES) {
    const variable = `${entry.name.toUpperCase().replaceAll("-", "_")}_REPLICAS`;
    expect(described).toContain(variable);
    expect(replicasOf(entry, { [variable]: "3" })).toBe(3);
    expect(() => replicasOf(entry, { [variable]: "many" })).toThrow(variable);
  }
});

test("every variable has a comment above it or above its group", () => {
  const paragraphs = read(".env.example").split(/\n\n+/);
  for (const paragraph of paragraphs.filter((text) => /^[A-Z]/m.test(text))) expect(paragraph).toMatch(/^#/);
});
